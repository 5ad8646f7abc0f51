package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.Rotary;
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

  private RotaryTable(Tensor cos, Tensor sin) {
    this.cos = cos;
    this.sin = sin;
  }

  /**
   * The table of some positions.
   *
   * @param frequencies the frequencies
   * @param positions positions of the tokens
   * @param dtype in which to rotate
   * @param device where to
   */
  static RotaryTable of(
      RotaryFrequencies frequencies, Positions positions, ScalarType dtype, Device device) {
    return WorkClock.time(Work.ROTARY, () -> table(frequencies, positions, dtype, device));
  }

  private static RotaryTable table(
      RotaryFrequencies frequencies, Positions positions, ScalarType dtype, Device device) {
    try (PointerScope scope = new PointerScope()) {
      Tensor at = Tensor.create(positions.toArray(), positions.size()).to(ScalarType.Float);
      Tensor angles = torch.outer(at, frequencies.tensor());
      double factor =
          frequencies.rotary().scaling().map(Rotary.Scaling::attentionFactor).orElse(1.0);
      Tensor cos = scaled(torch.cos(angles), factor).to(device, dtype);
      Tensor sin = scaled(torch.sin(angles), factor).to(device, dtype);
      cos.retainReference();
      sin.retainReference();
      return new RotaryTable(cos, sin);
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
    RowTiles.each(heads, result, (from, some, turned) -> rotateTile(some, first + from, turned));
  }

  private void rotateTile(Tensor heads, long first, Tensor result) {
    long half = cos.size(1);
    long others = heads.size(2) - 2 * half;
    if (others > 0) {
      result.narrow(2, 2 * half, others).copy_(heads.narrow(2, 2 * half, others));
    }
    Tensor turned = heads.to(cos.scalar_type());
    Tensor x = turned.narrow(2, 0, half);
    Tensor y = turned.narrow(2, half, half);
    Tensor c = cos.narrow(0, first, heads.size(1));
    Tensor s = sin.narrow(0, first, heads.size(1));
    result.narrow(2, 0, half).copy_(x.mul(c).sub_(y.mul(s)));
    result.narrow(2, half, half).copy_(y.mul(c).add_(x.mul(s)));
  }

  @Override
  public void close() {
    cos.close();
    sin.close();
  }
}
