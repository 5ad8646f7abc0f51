package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sparsed.reference.FloatTensor;
import java.util.Locale;
import java.util.Random;

/** Makes and compares tensors in tests. */
public final class TestTensors {

  private TestTensors() {}

  /**
   * A tensor of normally distributed elements.
   *
   * @param random the source of the elements
   * @param batch number of sequences B
   * @param heads number of heads H
   * @param length number of tokens S
   * @param headDimension size of a head D
   * @return the tensor
   */
  public static FloatTensor normal(
      Random random, int batch, int heads, int length, int headDimension) {
    FloatTensor tensor = FloatTensor.zeros(batch, heads, length, headDimension);
    for (int i = 0; i < tensor.data().length; i++) {
      tensor.data()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }

  /**
   * The tensor times a factor.
   *
   * @param tensor a tensor
   * @param factor the factor
   * @return a new tensor
   */
  public static FloatTensor scaled(FloatTensor tensor, float factor) {
    float[] data = tensor.data().clone();
    for (int i = 0; i < data.length; i++) {
      data[i] *= factor;
    }
    return FloatTensor.of(
        data, tensor.batch(), tensor.heads(), tensor.length(), tensor.headDimension());
  }

  /**
   * The tokens of a range.
   *
   * @param tensor a tensor
   * @param from first token, inclusive
   * @param to last token, exclusive
   * @return a new tensor
   */
  public static FloatTensor tokens(FloatTensor tensor, int from, int to) {
    int d = tensor.headDimension();
    FloatTensor part = FloatTensor.zeros(tensor.batch(), tensor.heads(), to - from, d);
    for (int item = 0; item < tensor.batch(); item++) {
      for (int head = 0; head < tensor.heads(); head++) {
        System.arraycopy(
            tensor.data(),
            tensor.offset(item, head, from),
            part.data(),
            part.offset(item, head, 0),
            (to - from) * d);
      }
    }
    return part;
  }

  /**
   * Requires that two tensors agree.
   *
   * @param expected what is right
   * @param actual what came out, of the same shape
   * @param tolerance largest allowed difference, for elements of magnitude above 1 relative to them
   * @param what said when they differ
   */
  public static void assertClose(
      FloatTensor expected, FloatTensor actual, double tolerance, Object what) {
    assertEquals(expected.toString(), actual.toString(), () -> "shape, " + what);
    for (int i = 0; i < expected.data().length; i++) {
      float want = expected.data()[i];
      float got = actual.data()[i];
      // Written so that a NaN on either side fails.
      if (!(Math.abs(want - got) <= tolerance * Math.max(1, Math.abs(want)))) {
        int d = expected.headDimension();
        fail(
            String.format(
                Locale.ROOT,
                "element %d (token %d, channel %d): expected %g but got %g, tolerance %g; %s",
                i,
                i / d % expected.length(),
                i % d,
                want,
                got,
                tolerance,
                what));
      }
    }
  }
}
