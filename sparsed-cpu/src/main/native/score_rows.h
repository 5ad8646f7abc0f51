// The scores of one query block: probabilities added up over its rows and over each key block, under the softmax over
// all keys and, where asked for, under the one over the generation's keys.
#ifndef SPARSED_SCORE_ROWS_H
#define SPARSED_SCORE_ROWS_H

#include "softmax.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

struct ScoreRows {
  float* all;         // [key blocks]
  float* generation;  // [key blocks from first_generation on], or null
  int first_generation;
  int key_blocks;

  // Of a call that asks for scores; row counts the query blocks of all heads.
  static ScoreRows of(const SparsedAttention& call, int key_blocks, size_t row) {
    ScoreRows rows;
    rows.key_blocks = key_blocks;
    rows.first_generation = call.generation_scores == nullptr ? key_blocks : call.first_generation_block;
    rows.all = call.scores + row * key_blocks;
    rows.generation = call.generation_scores == nullptr
                          ? nullptr
                          : call.generation_scores + row * (key_blocks - rows.first_generation);
    return rows;
  }

  void clear() {
    memset(all, 0, key_blocks * sizeof(float));
    if (generation != nullptr) memset(generation, 0, (key_blocks - first_generation) * sizeof(float));
  }

  // Adds sums per key block and row; `normalisation` is the log2 of each row's sum. Rows past the last one have sum 0.
  void add_blocks(const BlockSums& sums, int stride, int rows, const float* normalisation,
                  const float* generation_normalisation) {
    for (int j = 0; j < key_blocks; j++) {
      const float* sum = sums.sum + (size_t)j * stride;
      const float* reference = sums.reference + (size_t)j * stride;
      all[j] += normalised(sum, reference, normalisation, rows);
      if (j >= first_generation) {
        generation[j - first_generation] += normalised(sum, reference, generation_normalisation, rows);
      }
    }
  }

  // Adds one key's sums over the rows.
  void add_key(int j, float sum, float generation_sum) {
    all[j] += sum;
    if (j >= first_generation) generation[j - first_generation] += generation_sum;
  }

 private:
  // sum over rows of sum[r] * 2^(the exponents' reference - the normalisation's)
  static float normalised(const float* sum, const float* reference, const float* normalisation, int rows) {
    Floats total = {};
    for (int r = 0; r < rows; r += kWidth) {
      const Floats sums = load(sum + r);
      // Rounding may leave a difference slightly above 0, which the exponential takes as well. A block that was left
      // out has no reference; with a normalisation far below 0 its power would be infinite.
      const Floats part = sums * exp2_nonpositive<Precision::kFloat32>(load(reference + r) - load(normalisation + r));
      total += sums == splat(0.0f) ? splat(0.0f) : part;
    }
    return sum_lanes(total);
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
