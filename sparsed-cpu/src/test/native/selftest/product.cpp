// Products against a plain loop in double precision, and against themselves with other threads.
#include <stdio.h>

#include <algorithm>

#include "selftest.h"

namespace {

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
      return q * from_bfloat16(scale[(size_t)o * groups + i / 32]);
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

// Rows that make part of a block, blocks that make part of a pass, outputs too few for strips of full width, and rows
// of several passes.
struct Sizes {
  int rows, inputs, outputs;
};
constexpr int kKinds = 5;
constexpr int kMostMultiplications = 1 << 23;  // that the plain loop has time for

Sizes random_sizes(int kind, bool quantized) {
  Sizes sizes;
  switch (kind) {
    case 0:
      sizes.rows = between(1, 7);
      sizes.outputs = between(1, 400);
      break;
    case 1:
      sizes.rows = between(7, 40);
      sizes.outputs = between(1, 400);
      break;
    case 2:
      sizes.rows = between(300, 700);
      sizes.outputs = between(16, 200);
      break;
    case 3:  // Their packed rows exceed what two threads keep in caches (product.cpp).
      return {between(700, 1100), quantized ? 32 * between(120, 132) : between(3840, 4224), between(1, 16)};
    default:
      sizes.rows = between(1, 300);
      sizes.outputs = between(1, between(0, 1) == 0 ? 400 : 70);
  }
  const int most = std::max(kMostMultiplications / (sizes.rows * sizes.outputs), 32);
  sizes.inputs = std::min(between(1, between(0, 1) == 0 ? 1200 : 90), most);
  if (quantized) sizes.inputs = (sizes.inputs + 31) / 32 * 32;
  return sizes;
}

// Whether other threads give the same bits.
bool is_the_same(SparsedProduct call, const Tensor& out) {
  std::vector<char> again(out.elements * out.size(), (char)0xff);
  call.output = again.data();
  call.threads = call.threads == 1 ? 3 : 1;
  return sparsed_cpu_product(&call) == SPARSED_OK && memcmp(again.data(), out.memory, again.size()) == 0;
}

}  // namespace

bool check_product(int level, int element_type, int round) {
  const int format = round / kKinds % (SPARSED_PANELS_Q4 + 1);
  const bool quantized = format == SPARSED_PANELS_Q8 || format == SPARSED_PANELS_Q4;
  const Sizes sizes = random_sizes(round % kKinds, quantized);
  const int rows = sizes.rows, inputs = sizes.inputs, outputs = sizes.outputs;
  Tensor left(element_type, 1, 1, rows, inputs);
  const Weights weights(format, element_type, outputs, inputs);
  Tensor bias(element_type, 1, 1, 1, outputs), out(element_type, 1, 1, rows, outputs);
  left.fill(1);
  // Some inputs so large that they are no integers of 16 bits with any scale that is used.
  const double largest = quantized && between(0, 3) == 0 ? 0x1p116 : 1;
  for (int i = 0; largest > 1 && i < 3; i++) {
    left.set(left.index(0, 0, between(0, rows - 1), between(0, inputs - 1)), (float)largest);
  }
  bias.fill(1);
  out.poison();
  SparsedProduct call = {};
  call.level = level;
  call.element_type = element_type;
  call.weight_format = format;
  call.threads = one_of({1, 2, 3, 5});
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
  if (!out.has_clean_gaps() || !is_the_same(call, out)) {
    printf("level %d type %d format %d: product %d x %d x %d by %d threads writes between rows, or depends on them\n",
           level, element_type, format, rows, inputs, outputs, call.threads);
    return false;
  }
  const bool narrow = element_type == SPARSED_BFLOAT16;
  const bool in_integers = quantized && narrow && level >= SPARSED_AVX2 && level <= SPARSED_AVX512_BF16;
  const bool rounded_weights = format == SPARSED_PANELS_Q8 && narrow && level == SPARSED_AMX;
  // Of many rows some, as the plain loop takes long.
  const int stride = rows >= 700 ? 37 : 1;
  for (int r = between(0, stride - 1); r < rows; r += stride) {
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
