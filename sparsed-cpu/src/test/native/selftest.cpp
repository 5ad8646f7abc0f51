// Runs the kernels of every level on random calls, in exactly sized heap memory, against a plain loop in double
// precision. Meant for AddressSanitizer and UBSan (see run-sanitized.sh); the Java tests cover more cases.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <random>
#include <thread>
#include <vector>

#include "sparsed_cpu.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes)
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes)
#endif

namespace {

std::mt19937 generator;

int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(generator); }

float to_float(uint16_t bits) {
  const uint32_t wide = (uint32_t)bits << 16;
  float x;
  memcpy(&x, &wide, 4);
  return x;
}

uint16_t to_bfloat16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// A strided tensor [batch, heads, length, dimension] in a buffer that ends with its last element.
struct Tensor {
  int element_type, dimension;
  int64_t batch_stride, head_stride, token_stride;
  char* memory;
  size_t elements;

  Tensor(int element_type, int batch, int heads, int length, int dimension)
      : element_type(element_type), dimension(dimension) {
    const int gap = between(0, 1) * between(1, 9);
    if (between(0, 1) == 0) {
      token_stride = dimension + gap;
      head_stride = token_stride * length + gap;
      batch_stride = head_stride * heads;
    } else {  // tokens outside of heads
      head_stride = dimension;
      token_stride = head_stride * heads + gap;
      batch_stride = token_stride * length;
    }
    elements = (batch - 1) * batch_stride + (heads - 1) * head_stride + (length - 1) * token_stride + dimension;
    memory = (char*)malloc(elements * size());
  }
  ~Tensor() { free(memory); }
  Tensor(const Tensor&) = delete;

  size_t size() const { return element_type == SPARSED_FLOAT32 ? 4 : 2; }
  size_t index(int b, int h, int t, int d) const { return b * batch_stride + h * head_stride + t * token_stride + d; }
  float get(size_t i) const {
    return element_type == SPARSED_FLOAT32 ? ((float*)memory)[i] : to_float(((uint16_t*)memory)[i]);
  }
  void fill(float deviation) {
    std::normal_distribution<float> normal(0, deviation);
    for (size_t i = 0; i < elements; i++) {
      if (element_type == SPARSED_FLOAT32) {
        ((float*)memory)[i] = normal(generator);
      } else {
        ((uint16_t*)memory)[i] = to_bfloat16(normal(generator));
      }
    }
  }
  void poison() { memset(memory, 0xff, elements * size()); }
};

double worst[SPARSED_LEVELS][2], worst_score[SPARSED_LEVELS][2];

bool check(int level, int element_type) {
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
  each_unread_key([](char* at, size_t bytes) { ASAN_POISON_MEMORY_REGION(at, bytes), (void)at, (void)bytes; });
  if (sparsed_cpu_attention(&call) != SPARSED_OK) {
    printf("the call failed\n");
    return false;
  }
  each_unread_key([](char* at, size_t bytes) { ASAN_UNPOISON_MEMORY_REGION(at, bytes), (void)at, (void)bytes; });

  double error = 0, score_error = 0;
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
          score_error =
              fmax(score_error, fabs(log_sum_exp[((size_t)b * heads + h) * queries + r] - (top + log(total))) / 8);
          if (!with_values) continue;
          sums.assign(dimension, 0);
          double magnitude = 0;
          for (int c = 0; c < keys; c++) {
            for (int d = 0; d < dimension; d++) {
              sums[d] += p[c] / total * v.get(v.index(b, g, c, d));
            }
          }
          for (int d = 0; d < dimension; d++) magnitude = fmax(magnitude, fabs(sums[d]));
          for (int d = 0; d < dimension; d++) {
            const double e = fabs(out.get(out.index(b, h, r, d)) - sums[d]);
            if (!(e <= error)) error = e;  // catches NaN
          }
        }
        for (int j = 0; j < key_blocks && with_scores; j++) {
          const double e = fabs(scores[row * key_blocks + j] - block_sums[j]) / (1 + block_sums[j]);
          if (!(e <= score_error)) score_error = e;
          if (!with_generation || j < border) continue;
          const double f = fabs(generation[row * (key_blocks - border) + j - border] - generation_sums[j]);
          if (!(f / (1 + generation_sums[j]) <= score_error)) score_error = f / (1 + generation_sums[j]);
        }
      }
    }
  }
  if (!(error <= worst[level][element_type])) worst[level][element_type] = error;
  if (!(score_error <= worst_score[level][element_type])) worst_score[level][element_type] = score_error;
  const double bound = element_type == SPARSED_FLOAT32 ? 2e-5 : 2e-2;
  if (!(error <= bound) || !(score_error <= 3e-5)) {
    printf(
        "level %d type %d: output error %g, score error %g (batch %d heads %d/%d queries %d keys %d D %d block %d "
        "dense %d values %d scores %d border %d)\n",
        level, element_type, error, score_error, batch, heads, kv_heads, queries, keys, dimension, block, dense,
        with_values, with_scores, border);
    return false;
  }
  return true;
}

// Weights [outputs, inputs] in a format of the C interface, in memory of exactly their size, and what they stand for.
struct Weights {
  const int format, outputs, inputs;
  Tensor rows;
  std::vector<float> values;
  char* panels = nullptr;
  uint16_t* scales = nullptr;

  Weights(int format, int element_type, int outputs, int inputs)
      : format(format),
        outputs(outputs),
        inputs(inputs),
        rows(format == SPARSED_ROWS ? element_type : SPARSED_BFLOAT16, 1, 1, outputs, inputs),
        values((size_t)outputs * inputs) {
    if (format == SPARSED_ROWS || format == SPARSED_PANELS_BFLOAT16) {
      rows.fill(1);
      each([&](int o, int i) { return rows.get(rows.index(0, 0, o, i)); });
      if (format == SPARSED_PANELS_BFLOAT16) {
        std::vector<uint16_t> numbers(values.size());
        for (size_t i = 0; i < values.size(); i++) numbers[i] = to_bfloat16(values[i]);
        pack(numbers.data(), inputs * 2, 4, (inputs + 31) / 32 * 16, (void**)&panels);
      }
      return;
    }
    const int bits = format == SPARSED_PANELS_Q8 ? 8 : 4, groups = inputs / 32;
    std::vector<uint8_t> numbers(values.size() * bits / 8);
    std::vector<uint16_t> scale((size_t)outputs * groups);
    // At most five significant bits.
    for (uint16_t& x : scale)
      x = to_bfloat16((between(0, 9) == 0 ? 0 : between(16, 31)) * (between(0, 1) == 0 ? 0x1p-10f : -0x1p-8f));
    each([&](int o, int i) {
      const size_t at = (size_t)o * inputs + i;
      const int q = bits == 8 ? between(-127, 127) : between(-8, 7);
      if (bits == 8) {
        numbers[at] = (uint8_t)q;
      } else {
        numbers[at / 2] |= (uint8_t)((q + 8) << (at % 2 * 4));
      }
      return q * to_float(scale[(size_t)o * groups + i / 32]);
    });
    pack(numbers.data(), inputs * bits / 8, 4, inputs * bits / 32, (void**)&panels);
    pack(scale.data(), groups * 2, 2, groups, (void**)&scales);
  }
  ~Weights() { free(panels), free(scales); }
  Weights(const Weights&) = delete;

 private:
  template <class Value>
  void each(Value value) {
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) values[(size_t)o * inputs + i] = value(o, i);
    }
  }

  // Panel by panel, in any order.
  void pack(const void* from, int row_bytes, int unit_bytes, int units, void** to) const {
    const int count = (outputs + 15) / 16, border = between(0, count);
    *to = malloc((size_t)count * 16 * units * unit_bytes);
    sparsed_cpu_pack(from, row_bytes, outputs, unit_bytes, units, border, count, *to);
    sparsed_cpu_pack(from, row_bytes, outputs, unit_bytes, units, 0, border, *to);
  }
};

// What rounding the inputs of a product with quantized weights to 16-bit integers may change: see integer_product.h.
double rounding(const Tensor& left, int row, const float* weights, int inputs) {
  double sum = 0;
  for (int g = 0; g < inputs; g += 32) {
    double top = 0;
    for (int i = g; i < g + 32; i++) top = fmax(top, fabs(left.get(left.index(0, 0, row, i))));
    const double power = top == 0 ? 0 : ldexp(1, ilogb(top));
    for (int i = g; i < g + 32; i++) {
      if (fabs(left.get(left.index(0, 0, row, i))) < power * 0x1p-7) sum += power * 0x1p-15 * fabs(weights[i]);
    }
  }
  return sum;
}

bool check_product(int level, int element_type) {
  const int format = between(SPARSED_ROWS, SPARSED_PANELS_Q4);
  const bool quantized = format == SPARSED_PANELS_Q8 || format == SPARSED_PANELS_Q4;
  const int rows = between(1, between(0, 2) == 0 ? 300 : between(0, 1) == 0 ? 40 : 7);
  int inputs = between(1, between(0, 2) == 0 ? 1200 : 90);
  if (quantized) inputs = (inputs + 31) / 32 * 32;
  const int outputs = between(1, between(0, 2) == 0 ? 400 : 70);
  Tensor left(element_type, 1, 1, rows, inputs);
  const Weights weights(format, element_type, outputs, inputs);
  Tensor bias(element_type, 1, 1, 1, outputs), out(element_type, 1, 1, rows, outputs);
  left.fill(1);
  // Some inputs so large that they are no integers of 16 bits with any scale that is used.
  const double largest = quantized && between(0, 3) == 0 ? 0x1p116 : 1;
  for (int i = 0; largest > 1 && i < 3; i++) {
    const size_t at = left.index(0, 0, between(0, rows - 1), between(0, inputs - 1));
    if (element_type == SPARSED_FLOAT32) {
      ((float*)left.memory)[at] = (float)largest;
    } else {
      ((uint16_t*)left.memory)[at] = to_bfloat16((float)largest);
    }
  }
  bias.fill(1);
  out.poison();
  SparsedProduct call = {};
  call.level = level;
  call.element_type = element_type;
  call.weight_format = format;
  call.threads = between(1, 3);
  call.rows = rows, call.inputs = inputs, call.outputs = outputs;
  call.left = left.memory, call.left_stride = left.token_stride;
  call.weights = format == SPARSED_ROWS ? weights.rows.memory : weights.panels;
  call.weight_stride = format == SPARSED_ROWS ? weights.rows.token_stride : 0;
  call.scales = weights.scales;
  call.bias = between(0, 1) == 0 ? nullptr : bias.memory;
  call.output = out.memory, call.output_stride = out.token_stride;
  if (sparsed_cpu_product(&call) != SPARSED_OK) {
    printf("the product failed\n");
    return false;
  }
  const bool narrow = element_type == SPARSED_BFLOAT16;
  const bool in_integers = quantized && narrow && level >= SPARSED_AVX2 && level <= SPARSED_AVX512_BF16;
  const bool rounded_weights = format == SPARSED_PANELS_Q8 && narrow && level == SPARSED_AMX;
  for (int r = 0; r < rows; r++) {
    for (int o = 0; o < outputs; o++) {
      const float* weight = weights.values.data() + (size_t)o * inputs;
      double sum = call.bias == nullptr ? 0 : bias.get(o), magnitude = fabs(sum);
      for (int i = 0; i < inputs; i++) {
        const double term = (double)left.get(left.index(0, 0, r, i)) * weight[i];
        sum += term;
        magnitude += fabs(term);
      }
      const double bound = magnitude * (rounded_weights ? 0x1p-8 : 1e-6) + 1e-7 + (narrow ? fabs(sum) / 256 : 0) +
                           (in_integers ? rounding(left, r, weight, inputs) : 0);
      const double got = out.get(out.index(0, 0, r, o));
      if (!(fabs(got - sum) <= bound)) {
        printf("level %d type %d format %d: product %d x %d x %d is %g instead of %g at (%d, %d)\n", level,
               element_type, format, rows, inputs, outputs, got, sum, r, o);
        return false;
      }
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 30;
  const unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
  generator.seed(seed);
  printf("%d rounds per level, seed %u%s\n", rounds, seed, sparsed_cpu_emulated() ? ", upper levels emulated" : "");
  bool good = true;
  for (int level = 0; level < SPARSED_LEVELS; level++) {
    if ((sparsed_cpu_levels() >> level & 1) == 0) {
      printf("level %d: not on this machine\n", level);
      continue;
    }
    for (int type = 0; type < 2; type++) {
      for (int i = 0; i < rounds; i++) {
        good &= check(level, type);
        for (int p = 0; p < 4; p++) good &= check_product(level, type);
      }
      printf("level %d type %d: largest error %.2g, of scores and log_sum_exp %.2g\n", level, type, worst[level][type],
             worst_score[level][type]);
    }
  }
  // Several callers at once share the helpers.
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; t++) {
    callers.emplace_back([] {
      std::vector<float> q(4 * 64 * 32, 0.5f), out(q.size());
      SparsedAttention call = {};
      call.threads = 3, call.batch = 1, call.heads = 4, call.kv_heads = 4, call.query_length = call.key_length = 64;
      call.head_dimension = 32, call.query_block = call.key_block = 16, call.scale = 0.1f;
      call.query = call.key = call.value = q.data();
      call.output = out.data();
      call.query_head_stride = call.key_head_stride = call.value_head_stride = call.output_head_stride = 64 * 32;
      call.query_token_stride = call.key_token_stride = call.value_token_stride = call.output_token_stride = 32;
      for (int i = 0; i < 50; i++) {
        if (sparsed_cpu_attention(&call) != SPARSED_OK) abort();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  sparsed_cpu_release_memory();
  puts(good ? "passed" : "FAILED");
  return good ? 0 : 1;
}
