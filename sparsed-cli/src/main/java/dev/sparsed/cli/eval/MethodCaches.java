package dev.sparsed.cli.eval;

import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
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
      case PREFIX_CACHE -> new PrefixCache(method.delay());
      case DUAL_CACHE -> new DualCache(method.delay());
      case SPARSE_DLLM ->
          new SparseDllm(
              parameters.keepRatio(),
              parameters.kernelSize(),
              method.delay(),
              parameters.keepPrefix() ? SparseDllm.Evicted.SUFFIX : SparseDllm.Evicted.EVERYWHERE,
              parameters.keepSinks());
    };
  }

  /** Whether the method decodes in blocks whatever the model. */
  static boolean needsBlocks(Method method) {
    return method.cache() != Method.Cache.NONE || method.parameters().givesBlockLength();
  }

  static DecodingPolicy decoding(Method method, DecodingPolicy sampler) {
    return method.parallel()
        ? new ParallelDecoding(sampler, method.parameters().threshold())
        : sampler;
  }
}
