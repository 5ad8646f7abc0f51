package dev.sparsed.models.method;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.ParallelDecoding;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How tokens are committed, whatever the model's family.
 *
 * @param blockLength tokens that are decoded together, at least 1; empty for what the family does
 *     by itself
 * @param threshold parallel decoding: confidence from which candidates are committed, 0 to 1; empty
 *     for as many tokens per step as the family's decoding says
 */
public record MethodDecoding(OptionalInt blockLength, OptionalDouble threshold) {

  static final String PARALLEL = "threshold";

  /** As the family decodes by itself. */
  public static final MethodDecoding OF_FAMILY =
      new MethodDecoding(OptionalInt.empty(), OptionalDouble.empty());

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public MethodDecoding {
    checkArgument(
        blockLength.orElse(1) >= 1,
        "block_length must be at least 1 but is %s",
        blockLength.orElse(1));
    checkArgument(
        threshold.orElse(0) >= 0 && threshold.orElse(0) <= 1,
        "threshold must be between 0 and 1 but is %s",
        threshold.orElse(0));
  }

  static MethodDecoding of(boolean parallel, MethodSettings settings) {
    return new MethodDecoding(
        settings.get(MethodSetting.BLOCK_LENGTH).map(OptionalInt::of).orElse(OptionalInt.empty()),
        parallel
            ? OptionalDouble.of(
                settings.get(MethodSetting.THRESHOLD).orElse(ParallelDecoding.DEFAULT_THRESHOLD))
            : OptionalDouble.empty());
  }

  boolean uses(MethodSetting<?> setting) {
    return setting == MethodSetting.BLOCK_LENGTH
        || (setting == MethodSetting.THRESHOLD && threshold.isPresent());
  }

  /** The part of a name, with a setting that differs from the published one; may be empty. */
  String name() {
    return threshold.isPresent()
        ? PARALLEL
            + MethodSetting.THRESHOLD.written(
                threshold.getAsDouble(), ParallelDecoding.DEFAULT_THRESHOLD)
        : "";
  }
}
