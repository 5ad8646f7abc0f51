package dev.sparsed.models.internal.checkpoint;

import java.nio.charset.StandardCharsets;

/**
 * Normally distributed values by position: the same seed, name and position give the same value on
 * every machine, in whatever pieces and order the values are asked for.
 *
 * <p>A 64-bit counter is mixed (SplitMix64's finaliser) into two 32-bit numbers; each is looked up
 * in a table of the normal quantiles and interpolated.
 */
final class NormalDistribution {
  private static final long COUNTER_STEP = 0x9e3779b97f4a7c15L;

  private final long key;
  private final float deviation;

  NormalDistribution(long seed, String name, double deviation) {
    this.key = mix(mix(seed) ^ hash(name));
    this.deviation = (float) deviation;
  }

  /** Hands the values of the positions from {@code first} on to {@code sink}. */
  void generate(long first, int count, Sink sink) {
    long pair = first >>> 1;
    boolean upper = (first & 1) == 1;
    int done = 0;
    while (done < count) {
      long random = mix(key + pair++ * COUNTER_STEP);
      if (!upper) {
        sink.accept(value((int) random));
        done++;
      }
      if (done < count) {
        sink.accept(value((int) (random >>> 32)));
        done++;
      }
      upper = false;
    }
  }

  /** Takes one value after the other. */
  interface Sink {
    void accept(float value);
  }

  private float value(int random) {
    float[] knots = Quantiles.KNOTS;
    int index = random >>> 16;
    float low = knots[index];
    float fraction = (random & 0xffff) * 0x1p-16f;
    return (low + fraction * (knots[index + 1] - low)) * deviation;
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /**
   * 64-bit FNV-1a: tensors must not share their values because 32-bit hashes of their names
   * collide.
   */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /**
   * The quantiles x(u) of the standard normal distribution at u = 0, 1/65536, ..., 1; the two ends
   * are cut off.
   */
  private static final class Quantiles {
    private static final int INTERVALS = 1 << 16;

    /**
     * The share of an interval beyond which the tails are cut: the last knot is the quantile of 1 -
     * 2^-20.
     */
    private static final double CUT = 1.0 / 16;

    static final float[] KNOTS = integrate();

    /**
     * x'(u) = sqrt(2 pi) exp(x^2 / 2) with x(1/2) = 0, by Runge-Kutta steps that shrink towards the
     * tail.
     */
    private static float[] integrate() {
      float[] knots = new float[INTERVALS + 1];
      double x = 0;
      for (int interval = INTERVALS / 2; interval < INTERVALS; interval++) {
        boolean last = interval == INTERVALS - 1;
        int steps = interval < INTERVALS - 256 ? 2 : 256;
        double step = (last ? 1 - CUT : 1.0) / INTERVALS / steps;
        for (int i = 0; i < steps; i++) {
          double a = slope(x);
          double b = slope(x + step / 2 * a);
          double c = slope(x + step / 2 * b);
          double d = slope(x + step * c);
          x += step / 6 * (a + 2 * b + 2 * c + d);
        }
        knots[interval + 1] = (float) x;
        knots[INTERVALS - interval - 1] = (float) -x;
      }
      return knots;
    }

    private static double slope(double x) {
      return StrictMath.sqrt(2 * Math.PI) * StrictMath.exp(x * x / 2);
    }
  }
}
