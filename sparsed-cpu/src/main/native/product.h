// The kernel of a matrix product: output = left . weights^T + bias for a block of rows and a strip of outputs.
//
// Quantized weights and bf16 rows meet in integers where the engine has products of them (integer_product.h), all
// others in floats or pairs of bf16 (float_product.h). An element is a fixed sequence of sums over the inputs that
// depends on its own row and its own output's weights alone, never on which other rows there are nor on how many.
#ifndef SPARSED_PRODUCT_H
#define SPARSED_PRODUCT_H

#include "float_product.h"
#include "integer_product.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

template <class Engine>
class ProductStrip {
  using Format = typename Engine::Format;
  using Element = typename Format::Element;
  using Floating = FloatProduct<Engine>;
  using Integer = IntegerProduct<Engine>;

  static bool in_integers(const SparsedProduct& call) {
    return Engine::kIntegers && (call.weight_format == SPARSED_PANELS_Q8 || call.weight_format == SPARSED_PANELS_Q4);
  }

 public:
  static ProductShape shape(const SparsedProduct& call) {
    if constexpr (Engine::kIntegers) {
      if (in_integers(call)) return Integer::shape(call);
    }
    return Floating::shape(call);
  }

  // Packs one chunk of a block of rows, in the order of the loops.
  static void pack(const SparsedProduct& call, int first_row, int rows, int chunk, void* packed) {
    if constexpr (Engine::kIntegers) {
      if (call.weight_format == SPARSED_PANELS_Q8) {
        return Integer::template pack<ByteWords<Format>>(call, first_row, rows, chunk, packed);
      }
      if (call.weight_format == SPARSED_PANELS_Q4) {
        return Integer::template pack<NibbleWords<Format>>(call, first_row, rows, chunk, packed);
      }
    }
    Floating::pack(call, first_row, rows, chunk, packed);
  }

  // Outputs [from, to) of a block of rows, whose packed chunks lie one after the other.
  static void multiply(const SparsedProduct& call, int first_row, int rows, int from, int to, const void* packed,
                       void* worker) {
    write(call, first_row, rows, from, to - from, sums(call, first_row, rows, from, to, packed, worker));
  }

 private:
  static const float* sums(const SparsedProduct& call, int first_row, int rows, int from, int to, const void* packed,
                           void* worker) {
    switch (call.weight_format) {
      case SPARSED_PANELS_BFLOAT16:
        return Floating::template sum<PanelWeights<Format, Bfloat16Words<Format>>>(call, rows, from, to, packed,
                                                                                   worker);
      case SPARSED_PANELS_Q8:
        return quantized<ByteWords<Format>>(call, first_row, rows, from, to, packed, worker);
      case SPARSED_PANELS_Q4:
        return quantized<NibbleWords<Format>>(call, first_row, rows, from, to, packed, worker);
      default:
        return Floating::template sum<RowWeights<Format>>(call, rows, from, to, packed, worker);
    }
  }

  template <class Words>
  static const float* quantized(const SparsedProduct& call, int first_row, int rows, int from, int to,
                                const void* packed, void* worker) {
    if constexpr (Engine::kIntegers) {
      return Integer::template sum<PanelWeights<Format, Words>>(call, first_row, rows, from, to, packed, worker);
    } else {
      return Floating::template sum<PanelWeights<Format, Words>>(call, rows, from, to, packed, worker);
    }
  }

  static void write(const SparsedProduct& call, int first_row, int rows, int from, int outputs, const float* sums) {
    const Element* bias = call.bias == nullptr ? nullptr : (const Element*)call.bias + from;
    for (int r = 0; r < rows; r++) {
      Element* row = (Element*)call.output + (first_row + r) * call.output_stride + from;
      const float* sum = sums + (size_t)r * Engine::kStride;
      if (bias == nullptr) {
        for (int c = 0; c < outputs; c++) write_element(row + c, sum[c]);
      } else {
        for (int c = 0; c < outputs; c++) write_element(row + c, sum[c] + read_element(bias + c));
      }
    }
  }
};

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
