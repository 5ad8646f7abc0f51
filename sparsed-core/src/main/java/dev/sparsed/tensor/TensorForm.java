package dev.sparsed.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * Element type and sizes of a tensor [B, H, S, D].
 *
 * @param type format of the elements
 * @param batch number of sequences B, at least 1
 * @param heads number of heads H, at least 1
 * @param length number of tokens S, at least 1
 * @param headDimension size of a head D, at least 1
 */
public record TensorForm(ElementType type, int batch, int heads, int length, int headDimension) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public TensorForm {
    checkPositive("batch", batch);
    checkPositive("heads", heads);
    checkPositive("length", length);
    checkPositive("headDimension", headDimension);
  }

  /** Such as {@code bf16 [1, 28, 4096, 128]}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s [%d, %d, %d, %d]", type.shortName(), batch, heads, length, headDimension);
  }

  private static void checkPositive(String name, int value) {
    checkArgument(value >= 1, "%s must be at least 1 but is %s", name, value);
  }
}
