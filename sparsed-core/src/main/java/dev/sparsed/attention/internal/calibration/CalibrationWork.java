package dev.sparsed.attention.internal.calibration;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.util.Locale;

/**
 * What a model asks of attention, but for the length.
 *
 * @param type format of the tensors
 * @param heads query heads H, a multiple of {@code kvHeads}
 * @param kvHeads key/value heads Hkv
 * @param headDimension size of a head D
 * @param blocks tokens per query block and per key block
 */
public record CalibrationWork(
    ElementType type, int heads, int kvHeads, int headDimension, BlockShape blocks) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1 or the heads are no multiple of the
   *     key/value heads
   */
  public CalibrationWork {
    checkArgument(kvHeads >= 1, "kvHeads must be at least 1 but is %s", kvHeads);
    checkArgument(
        heads >= 1 && heads % kvHeads == 0,
        "the %s query heads must be a multiple of the %s key/value heads",
        heads,
        kvHeads);
    checkArgument(headDimension >= 1, "headDimension must be at least 1 but is %s", headDimension);
  }

  /**
   * Query heads that share a key/value head.
   *
   * @return at least 1
   */
  public int group() {
    return heads / kvHeads;
  }

  /** Such as {@code 28 heads (4 of keys) of 128 in bf16, blocks of 128}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d heads (%d of keys) of %d in %s, blocks of %s",
        heads,
        kvHeads,
        headDimension,
        type.shortName(),
        blocks);
  }
}
