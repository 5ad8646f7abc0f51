package dev.sparsed.examples.eval;

import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.SparseDllm;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;

/** Turns the caches and the parallel decoding of methods into policies. */
final class MethodCaches {

  private MethodCaches() {}

  static CachePolicy cache(Method method) {
    MethodParameters parameters = method.parameters();
    return switch (method.cache()) {
      case NONE -> CachePolicy.none();
      case PREFIX_CACHE -> CachePolicy.prefix();
      case DUAL_CACHE -> CachePolicy.dual();
      case SPARSE_DLLM ->
          SparseDllm.PUBLISHED
              .withKeepRatio(parameters.keepRatio())
              .withKernelSize(parameters.kernelSize())
              .withDelay(parameters.delay());
    };
  }

  /** Whether the method decodes in blocks whatever the model. */
  static boolean needsBlocks(Method method) {
    return method.parallel() || method.cache() != Method.Cache.NONE;
  }

  static DecodingPolicy decoding(Method method, DecodingPolicy sampler) {
    return method.parallel()
        ? new ParallelDecoding(sampler, method.parameters().threshold())
        : sampler;
  }
}
