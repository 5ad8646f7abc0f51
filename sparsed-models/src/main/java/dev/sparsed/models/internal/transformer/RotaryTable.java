package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embedding: dimension pair (i, i + R/2) of the first R dimensions of a head turns
 * by the angle position times the pair's frequency. Angles, cosines and sines are float32; what is
 * rotated in is the family's choice, as published code differs.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
final class RotaryTable implements AutoCloseable {

  private final Tensor cos;
  private final Tensor sin;
  private final RowMath math;

  private RotaryTable(Tensor cos, Tensor sin, RowMath math) {
    this.cos = cos;
    this.sin = sin;
    this.math = math;
  }

  /**
   * The table of some positions.
   *
   * @param frequencies the frequencies
   * @param positions positions of the tokens
   * @param dtype in which to rotate
   * @param device where to
   * @param math what rotates
   */
  static RotaryTable of(
      RotaryFrequencies frequencies,
      Positions positions,
      ScalarType dtype,
      Device device,
      RowMath math) {
    return WorkClock.time(Work.ROTARY, () -> table(frequencies, positions, dtype, device, math));
  }

  private static RotaryTable table(
      RotaryFrequencies frequencies,
      Positions positions,
      ScalarType dtype,
      Device device,
      RowMath math) {
    try (PointerScope scope = new PointerScope()) {
      Tensor at = Tensor.create(positions.toArray(), positions.size()).to(ScalarType.Float);
      Tensor angles = torch.outer(at, frequencies.tensor());
      double factor =
          frequencies.rotary().scaling().map(Rotary.Scaling::attentionFactor).orElse(1.0);
      Tensor cos = scaled(torch.cos(angles), factor).to(device, dtype);
      Tensor sin = scaled(torch.sin(angles), factor).to(device, dtype);
      cos.retainReference();
      sin.retainReference();
      return new RotaryTable(cos, sin, math);
    }
  }

  private static Tensor scaled(Tensor values, double factor) {
    return factor == 1 ? values : values.mul_(new Scalar(factor));
  }

  /**
   * Rotates heads.
   *
   * @param heads [heads, tokens, D], of any strides
   * @param first index in this table of the first token
   * @param result where to write the rotated heads [heads, tokens, D]
   */
  void rotate(Tensor heads, int first, Tensor result) {
    long tokens = heads.size(1);
    Scoped.run(
        () ->
            math.rotate(heads, cos.narrow(0, first, tokens), sin.narrow(0, first, tokens), result));
  }

  @Override
  public void close() {
    cos.close();
    sin.close();
  }
}
