// Block-sparse attention, block scores and matrix products on a CPU: the C interface of the kernel library.
//
//   output[b,h,r,:] = sum_c p[r,c] value[b,g,c,:],   p[r,:] = softmax over c of (query[b,h,r,:] . key[b,g,c,:]) * scale
//
// where g = h / (heads / kv_heads), and c runs over the tokens of the key blocks that the pattern names for the
// block of r. In the same pass the kernel can give
//
//   log_sum_exp[b,h,r]         = log sum_c exp(score)                          (natural logarithm)
//   scores[b,h,i,j]            = sum of p[r,c] over r in block i, c in block j
//   generation_scores[b,h,i,j-m] = the same with the softmax over the keys of the blocks j >= m only
//
// Nothing is checked here beyond what costs nothing: the Java side validates every argument before it calls.
#ifndef SPARSED_CPU_H
#define SPARSED_CPU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Element types of query, key, value and output.
enum { SPARSED_FLOAT32 = 0, SPARSED_BFLOAT16 = 1 };

// Instruction-set levels, each including the ones before it.
enum {
  SPARSED_BASELINE = 0,     // what the compiler may assume on every machine of the platform
  SPARSED_AVX2 = 1,         // AVX2 and FMA
  SPARSED_AVX512 = 2,       // AVX-512 F, BW, DQ, VL
  SPARSED_AVX512_BF16 = 3,  // AVX-512 BF16 dot products
  SPARSED_AMX = 4,          // AMX bf16 tiles
  SPARSED_LEVELS = 5
};

// What a call returns.
enum { SPARSED_OK = 0, SPARSED_OUT_OF_MEMORY = 1, SPARSED_UNSUPPORTED_LEVEL = 2 };

// One call. Sizes are at least 1; strides are in elements; the head dimension is contiguous.
typedef struct SparsedAttention {
  int32_t level;
  int32_t element_type;
  int32_t threads;  // at most this many threads work on the call, the caller's among them

  int32_t batch, heads, kv_heads, query_length, key_length, head_dimension;
  int32_t query_block, key_block;  // tokens per query block and per key block
  float scale;                     // factor on q . k, positive

  const void* query;  // [batch, heads, query_length, head_dimension]
  int64_t query_batch_stride, query_head_stride, query_token_stride;
  const void* key;  // [batch, kv_heads, key_length, head_dimension]
  int64_t key_batch_stride, key_head_stride, key_token_stride;
  const void* value;  // as key; null where only scores are asked for
  int64_t value_batch_stride, value_head_stride, value_token_stride;
  void* output;  // as query; null exactly where value is
  int64_t output_batch_stride, output_head_stride, output_token_stride;

  // The pattern: per (batch item, head, query block) one bit per key block, block j at bit j % 64 of word j / 64,
  // rows padded to whole words. Null means all blocks.
  const uint64_t* pattern;

  float* log_sum_exp;              // [batch, heads, query_length] or null
  float* scores;                   // [batch, heads, query blocks, key blocks] or null
  float* generation_scores;        // [batch, heads, query blocks, key blocks - first_generation_block] or null
  int32_t first_generation_block;  // m; key blocks before it are the prompt
} SparsedAttention;

// How the weights of a product are stored: as rows [outputs, inputs] of the element type of all operands, or packed in
// panels of 16 outputs, [words][16 outputs] each, a word being 32 bits of an output's row, the lower input in the lower
// bits. Rows are padded to whole groups of 32 inputs and outputs to whole panels, with zeros. Quantized weights, only
// of whole groups, stand for scale * q, with q in [-127, 127] or q + 8 in [0, 15]; scales are bf16, [groups][16
// outputs] per panel, those of q4 with at most five significant bits.
enum {
  SPARSED_ROWS = 0,
  SPARSED_PANELS_BFLOAT16 = 1,  // two inputs per word
  SPARSED_PANELS_Q8 = 2,        // four
  SPARSED_PANELS_Q4 = 3         // eight
};

// A product output[r,o] = sum_i left[r,i] weights[o,i] + bias[o], with sums in float32. Sizes are at least 1; strides
// are in elements; the inputs of a row are contiguous.
typedef struct SparsedProduct {
  int32_t level;
  int32_t element_type;   // of all operands but packed weights
  int32_t weight_format;  // SPARSED_ROWS or one of the others
  int32_t threads;        // as above
  int32_t rows, inputs, outputs;
  const void* left;  // [rows, inputs]
  int64_t left_stride;
  const void* weights;
  int64_t weight_stride;   // of rows
  const uint16_t* scales;  // of quantized weights, else null
  const void* bias;        // [outputs] or null
  void* output;            // [rows, outputs]
  int64_t output_stride;
} SparsedProduct;

// Tells how many processors the process may keep busy with all its calls together; the affinity mask's by default.
void sparsed_cpu_set_processors(int32_t count);

// Bit l is set where level l can run on this machine. Asks the operating system for tile data on first use.
int32_t sparsed_cpu_levels(void);

// 1 in the test build, whose upper levels run on emulated instructions.
int32_t sparsed_cpu_emulated(void);

// Runs one call to its end. Safe to use from several threads.
int32_t sparsed_cpu_attention(const SparsedAttention* call);

// The same for a product.
int32_t sparsed_cpu_product(const SparsedProduct* call);

// Packs rows of words (unit_bytes 4) or of scales (2) into panels [panels][units][16 rows]: panels [from, to). Bytes of
// a row past row_bytes, and rows past the last, are zeros. Disjoint panels may be packed by several threads at once.
void sparsed_cpu_pack(const void* rows, int64_t row_bytes, int32_t row_count, int32_t unit_bytes, int32_t units,
                      int32_t from, int32_t to, void* panels);

// Measures the multiply-add rate of a level with operands in registers or the first-level cache: floating point
// operations per second over all threads, running for about the given time. -1 for an unsupported level.
double sparsed_cpu_peak(int32_t level, int32_t element_type, int32_t threads, double seconds);

// Gives back the scratch memory that no running call uses.
void sparsed_cpu_release_memory(void);

// The process's environment as native libraries see it, which read it when they are loaded; a JVM cannot change it.

// The value of a variable, or null.
const char* sparsed_cpu_variable(const char* name);

// Sets a variable that is not set. 1 if it did, 0 if the variable has a value or there is no memory.
int32_t sparsed_cpu_set_variable(const char* name, const char* value);

// 1 if a library whose file name begins with `name` is loaded.
int32_t sparsed_cpu_is_loaded(const char* name);

#ifdef __cplusplus
}
#endif

#endif
