package dev.sparsed.examples.eval;

import dev.sparsed.models.cache.CachePolicy;

/** Turns the caches and the parallel decoding of methods into policies. */
final class MethodCaches {

  private MethodCaches() {}

  static CachePolicy cache(Method method) {
    if (method.cache() == Method.Cache.NONE) {
      return CachePolicy.none();
    }
    throw new IllegalArgumentException(
        "method '" + method.name() + "' needs a cache, which this version does not have");
  }

  static void checkDecoding(Method method) {
    if (method.parallel()) {
      throw new IllegalArgumentException(
          "method '" + method.name() + "' decodes in parallel, which this version cannot");
    }
  }
}
