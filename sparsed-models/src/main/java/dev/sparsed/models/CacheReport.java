package dev.sparsed.models;

import java.time.Duration;

/**
 * What a generation did with its cache.
 *
 * @param wholePasses steps that ran the model on whole sequences
 * @param wholeTime wall-clock time of these steps
 * @param cachedPasses steps that ran the model on a part of each sequence and read the cache
 * @param cachedTime wall-clock time of these steps
 * @param peakBytes most bytes of keys and values that were kept at a time, of all sequences
 *     together
 */
public record CacheReport(
    int wholePasses, Duration wholeTime, int cachedPasses, Duration cachedTime, long peakBytes) {

  /** A generation that has not begun. */
  static final CacheReport NONE = new CacheReport(0, Duration.ZERO, 0, Duration.ZERO, 0);

  CacheReport plus(boolean whole, Duration time, long bytes) {
    return new CacheReport(
        wholePasses + (whole ? 1 : 0),
        whole ? wholeTime.plus(time) : wholeTime,
        cachedPasses + (whole ? 0 : 1),
        whole ? cachedTime : cachedTime.plus(time),
        Math.max(peakBytes, bytes));
  }
}
