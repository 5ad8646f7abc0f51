// Attention and block scores against a plain loop in double precision.
#include <stdio.h>

#include "selftest.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#endif

namespace {

// Enlarges the largest error so far; false where a result or its error is not a number.
bool note(double error, double* largest) {
  if (!(error < INFINITY)) return false;
  if (error > *largest) *largest = error;
  return true;
}

double worst[SPARSED_LEVELS][2], worst_score[SPARSED_LEVELS][2];

bool no_number(const char* what, int level, int element_type, int head, int row) {
  printf("level %d type %d: %s of row %d of head %d is no number\n", level, element_type, what, row, head);
  return false;
}

}  // namespace

bool check_attention(int level, int element_type) {
  const int kv_heads = between(1, 3), heads = kv_heads * between(1, 3), batch = between(1, 2);
  const int dimension = 8 * between(2, between(0, 3) == 0 ? 32 : 10);
  const int sizes[] = {16, 32, 64, 128, 1, 7, 24, 48, 200, 300};
  const int block = sizes[between(0, 9)];
  // Mostly square, else with key blocks of any size down to single columns.
  const int key_sizes[] = {1, 2, 3, 8, 16, 17, 32, 100};
  const int key_block = between(0, 1) == 0 ? block : key_sizes[between(0, 7)];
  const int keys = between(1, between(0, 1) == 0 ? 700 : 70), queries = between(1, between(0, 1) == 0 ? 150 : 20);
  const int query_blocks = (queries + block - 1) / block, key_blocks = (keys + key_block - 1) / key_block;
  const bool with_values = between(0, 3) != 0, with_scores = !with_values || between(0, 1) == 0;
  Tensor q(element_type, batch, heads, queries, dimension), k(element_type, batch, kv_heads, keys, dimension);
  Tensor v(element_type, batch, kv_heads, keys, dimension), out(element_type, batch, heads, queries, dimension);
  q.fill(between(0, 4) == 0 ? 8 : 1);
  k.fill(1);
  v.fill(1);
  out.poison();
  const int words = (key_blocks + 63) / 64;
  const size_t rows = (size_t)batch * heads * query_blocks;
  std::vector<uint64_t> pattern(rows * words);
  for (size_t r = 0; r < rows; r++) {
    pattern[r * words + between(0, key_blocks - 1) / 64] |= 0;
    const int sure = between(0, key_blocks - 1);
    for (int j = 0; j < key_blocks; j++) {
      if (j == sure || between(0, 2) == 0) pattern[r * words + j / 64] |= uint64_t{1} << (j % 64);
    }
  }
  const bool dense = between(0, 2) == 0;
  const int border = between(0, key_blocks - 1);
  std::vector<float> log_sum_exp(batch * heads * queries, NAN), scores(rows * key_blocks, NAN);
  std::vector<float> generation(rows * (key_blocks - border), NAN);

  SparsedAttention call = {};
  call.level = level;
  call.element_type = element_type;
  call.threads = between(1, 3);
  call.batch = batch;
  call.heads = heads;
  call.kv_heads = kv_heads;
  call.query_length = queries;
  call.key_length = keys;
  call.head_dimension = dimension;
  call.query_block = block;
  call.key_block = key_block;
  call.scale = 1 / sqrtf((float)dimension);
  call.query = q.memory;
  call.query_batch_stride = q.batch_stride, call.query_head_stride = q.head_stride;
  call.query_token_stride = q.token_stride;
  call.key = k.memory;
  call.key_batch_stride = k.batch_stride, call.key_head_stride = k.head_stride, call.key_token_stride = k.token_stride;
  if (with_values) {
    call.value = v.memory;
    call.value_batch_stride = v.batch_stride, call.value_head_stride = v.head_stride;
    call.value_token_stride = v.token_stride;
    call.output = out.memory;
    call.output_batch_stride = out.batch_stride, call.output_head_stride = out.head_stride;
    call.output_token_stride = out.token_stride;
  }
  call.pattern = dense ? nullptr : pattern.data();
  call.log_sum_exp = log_sum_exp.data();
  // The generation's own normalisation needs each row to see a generation key.
  const bool with_generation = with_scores && dense;
  call.scores = with_scores ? scores.data() : nullptr;
  call.generation_scores = with_generation ? generation.data() : nullptr;
  call.first_generation_block = border;
  // Blocks that no row of a key/value head's queries selects may not be read.
  const auto each_unread_key = [&](auto visit) {
    for (int b = 0; b < batch && !dense; b++) {
      for (int g = 0; g < kv_heads; g++) {
        const size_t first = ((size_t)b * kv_heads + g) * (heads / kv_heads) * query_blocks;
        for (int c = 0; c < keys; c++) {
          const int j = c / key_block;
          bool read = false;
          for (int r = 0; r < heads / kv_heads * query_blocks; r++) {
            read |= (pattern[(first + r) * words + j / 64] >> (j % 64) & 1) != 0;
          }
          if (!read) visit(k.memory + k.index(b, g, c, 0) * k.size(), dimension * k.size());
          if (!read && with_values) visit(v.memory + v.index(b, g, c, 0) * v.size(), dimension * v.size());
        }
      }
    }
  };
  each_unread_key([](char* at, size_t bytes) { ASAN_POISON_MEMORY_REGION(at, bytes); });
  if (sparsed_cpu_attention(&call) != SPARSED_OK) {
    printf("the call failed\n");
    return false;
  }
  each_unread_key([](char* at, size_t bytes) { ASAN_UNPOISON_MEMORY_REGION(at, bytes); });

  if (!out.has_clean_gaps()) {
    printf("level %d type %d: attention writes between rows of its output\n", level, element_type);
    return false;
  }
  double error = 0, score_error = 0, largest_logit = 0;
  std::vector<double> p(keys), sums(dimension), block_sums(key_blocks), generation_sums(key_blocks);
  for (int b = 0; b < batch; b++) {
    for (int h = 0; h < heads; h++) {
      const int g = h / (heads / kv_heads);
      for (int i = 0; i < query_blocks; i++) {
        const size_t row = ((size_t)b * heads + h) * query_blocks + i;
        block_sums.assign(key_blocks, 0);
        generation_sums.assign(key_blocks, 0);
        for (int r = i * block; r < queries && r < (i + 1) * block; r++) {
          double top = -INFINITY, generation_total = 0, total = 0;
          for (int c = 0; c < keys; c++) {
            const int j = c / key_block;
            p[c] = -INFINITY;
            if (!dense && (pattern[row * words + j / 64] >> (j % 64) & 1) == 0) continue;
            double dot = 0;
            for (int d = 0; d < dimension; d++) dot += (double)q.get(q.index(b, h, r, d)) * k.get(k.index(b, g, c, d));
            p[c] = dot * call.scale;
            top = fmax(top, p[c]);
            largest_logit = fmax(largest_logit, fabs(p[c]));
          }
          for (int c = 0; c < keys; c++) {
            p[c] = exp(p[c] - top);
            total += p[c];
            if (c / key_block >= border) generation_total += p[c];
          }
          for (int c = 0; c < keys; c++) {
            block_sums[c / key_block] += p[c] / total;
            if (c / key_block >= border) generation_sums[c / key_block] += p[c] / generation_total;
          }
          const double sum_error = fabs(log_sum_exp[((size_t)b * heads + h) * queries + r] - (top + log(total)));
          if (!note(sum_error / 8, &score_error)) return no_number("log_sum_exp", level, element_type, h, r);
          if (!with_values) continue;
          sums.assign(dimension, 0);
          for (int c = 0; c < keys; c++) {
            for (int d = 0; d < dimension; d++) {
              sums[d] += p[c] / total * v.get(v.index(b, g, c, d));
            }
          }
          for (int d = 0; d < dimension; d++) {
            const double e = fabs(out.get(out.index(b, h, r, d)) - sums[d]);
            if (!note(e, &error)) return no_number("output", level, element_type, h, r);
          }
        }
        for (int j = 0; j < key_blocks && with_scores; j++) {
          const double e = fabs(scores[row * key_blocks + j] - block_sums[j]) / (1 + block_sums[j]);
          if (!note(e, &score_error)) return no_number("score", level, element_type, h, i);
          if (!with_generation || j < border) continue;
          const double f = fabs(generation[row * (key_blocks - border) + j - border] - generation_sums[j]);
          if (!note(f / (1 + generation_sums[j]), &score_error)) {
            return no_number("generation score", level, element_type, h, i);
          }
        }
      }
    }
  }
  note(error, &worst[level][element_type]);
  note(score_error, &worst_score[level][element_type]);
  // With logits beyond 16, what rounding of them changes in their exponentials comes on top.
  const double bound = element_type == SPARSED_FLOAT32 ? 2e-5 + fmax(largest_logit - 16, 0) * 0x1p-22 : 2e-2;
  if (!(error <= bound) || !(score_error <= 3e-5)) {
    printf(
        "level %d type %d: output error %g, score error %g, largest logit %g (batch %d heads %d/%d queries %d keys %d D %d "
        "block %d dense %d values %d scores %d border %d)\n",
        level, element_type, error, score_error, largest_logit, batch, heads, kv_heads, queries, keys, dimension, block, dense,
        with_values, with_scores, border);
    return false;
  }
  return true;
}

void tell_errors(int level, int element_type) {
  printf("level %d type %d: largest error %.2g, of scores and log_sum_exp %.2g\n", level, element_type,
         worst[level][element_type], worst_score[level][element_type]);
}
