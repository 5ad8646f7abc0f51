// The one struct that each kernel takes by value. The host packs these bytes field by field:
// eight-byte fields first, then four-byte fields, so that there is no padding inside.
#pragma once

#include "numeric.cuh"

namespace sparsed {

// Steps between batch items, heads and tokens, in elements. Within a token, the D elements are
// contiguous; for 16-bit elements every token starts at a multiple of sixteen bytes.
struct Strides {
  i64 batch;
  i64 head;
  i64 token;
};

// Block-sparse attention, and full attention where `row_starts` is null.
// Rows are (batch item * heads + head) * query blocks + query block.
struct AttentionArguments {
  const void* query;      // [B, H, query_length, D]
  const void* key;        // [B, Hkv, key_length, D]
  const void* value;      // [B, Hkv, key_length, D]
  void* output;           // [B, H, query_length, D]
  float* log_sum_exp;     // [B, H, query_length] contiguous, natural logarithm; may be null
  const i64* row_starts;  // [rows] index of the row's first entry in key_blocks; or null
  const int* row_counts;  // [rows] number of its entries
  const u16* key_blocks;  // key blocks, ascending within a row
  Strides query_strides;
  Strides key_strides;
  Strides value_strides;
  Strides output_strides;
  int heads_per_kv_head;  // H / Hkv
  int query_length;
  int key_length;
  int head_dimension;  // read by the float32 kernels only, as is query_block
  int query_block;     // tokens per query block
  int key_block;       // and per key block
  float scale;         // factor on q . k
};

// log(sum over keys c of exp(q . k_c * scale)), for the keys from first_key on.
struct RowLogSumExpArguments {
  const void* query;
  const void* key;
  float* log_sum_exp;  // [B, H, query_length] contiguous
  Strides query_strides;
  Strides key_strides;
  int heads_per_kv_head;
  int query_length;
  int key_length;
  int first_key;
  int head_dimension;  // float32 kernels only
  float scale;
};

// Sums of softmax probabilities per (query block, key block) for a range of heads of one batch
// item. Score rows count from the first head of the range.
struct BlockScoresArguments {
  const void* query;
  const void* key;
  const float* log_sum_exp;             // [B, H, query_length], over all keys
  const float* generation_log_sum_exp;  // the same over the generation's keys; may be null
  float* scores;                        // [heads in range * query blocks, key blocks]
  float* generation_scores;             // [.., key blocks - first_generation_block]; or null
  Strides query_strides;
  Strides key_strides;
  int heads;  // H, of the tensors
  int heads_per_kv_head;
  int query_length;
  int key_length;
  int query_block;
  int key_block;
  int first_generation_block;
  int batch_item;
  int first_head;
  int head_dimension;  // float32 kernels only
  float scale;
};

// The best `count` blocks of each row of scores; with generation scores, SparseD's isolated
// selection: of the best only those before first_generation_block, and the best
// `generation_count` of the generation blocks.
struct SelectBlocksArguments {
  const float* scores;             // [rows, key blocks]
  const float* generation_scores;  // [rows, key blocks - first_generation_block]; or null
  i64* row_starts;                 // [rows], written: first_row_start + row * row_capacity
  int* row_counts;                 // [rows], written
  u16* key_blocks;                 // written from key_blocks[row_starts[row]] on
  u32* bits;                       // [rows, bit_words], written: bit j of a row is key block j
  int* not_a_number;               // set to 1 where a score is NaN
  i64 first_row_start;
  int rows;
  int key_block_count;
  int first_generation_block;
  int count;
  int generation_count;
  int row_capacity;  // at least count + generation_count, at most key_block_count
  int bit_words;     // 32-bit words per row, at least ceil(key blocks / 32)
};

}  // namespace sparsed
