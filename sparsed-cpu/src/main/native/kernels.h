// The table of a level's kernels, made from one engine.
#ifndef SPARSED_KERNELS_H
#define SPARSED_KERNELS_H

#include "attention.h"
#include "product.h"

namespace sparsed {
namespace SPARSED_NAMESPACE {

template <class Engine>
constexpr Level level_of() {
  using Attention = QueryBlock<Engine>;
  using Product = ProductStrip<Engine>;
  return {packed_shape<Engine>, Attention::worker_bytes, pack_blocks<Engine>, Attention::attend,
          Product::shape,       Product::pack,           Product::multiply,   Engine::burn};
}

}  // namespace SPARSED_NAMESPACE
}  // namespace sparsed

#endif
