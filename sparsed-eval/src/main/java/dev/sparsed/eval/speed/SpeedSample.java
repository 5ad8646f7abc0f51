package dev.sparsed.eval.speed;

import com.google.common.collect.ImmutableList;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one generation took.
 *
 * @param seconds wall-clock time of the whole generation
 * @param tokens tokens really generated: those up to the first end of text, the token that says so
 *     included
 * @param positions positions that were denoised, those after an end of text included
 * @param committedTokens tokens that the steps committed; empty where that is not known
 * @param steps the steps that ran the model, in order
 * @param deviceBytes most memory of an accelerator in use, where there is one
 * @param note what else a reader should know, such as that sparse attention was not followed; may
 *     be empty
 */
public record SpeedSample(
    double seconds,
    int tokens,
    int positions,
    OptionalInt committedTokens,
    ImmutableList<Step> steps,
    OptionalLong deviceBytes,
    String note) {

  /**
   * One denoising step.
   *
   * @param phase what it did, such as {@code full}, {@code sparse}, or {@code sparse-cached} where
   *     it fed only a part of the sequence
   * @param seconds wall-clock time
   */
  public record Step(String phase, double seconds) {}
}
