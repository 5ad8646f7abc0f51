package dev.sparsed.eval.ruler;

import java.util.Random;

/** Independent random sequences from one seed. {@link Random} is specified, so bytes are stable. */
final class Seeds {

  private Seeds() {}

  /** A seed for one of several uses of a seed. */
  static long mix(long seed, long use) {
    // SplitMix64's finaliser (Steele, Lea, Flood 2014): every input bit changes half the output.
    long z = seed + (use + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  static Random random(long seed, long use) {
    return new Random(mix(seed, use));
  }
}
