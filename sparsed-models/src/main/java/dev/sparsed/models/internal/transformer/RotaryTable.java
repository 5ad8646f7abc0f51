package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embedding: dimension pair (i, i + R/2) of the first R dimensions of a head turns
 * by the angle position / base^(2i/R). Angles, cosines and sines are float32; what is rotated in is
 * the family's choice, as published code differs.
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
   * @param base base of the frequencies
   * @param rotated R
   * @param positions positions of the tokens
   * @param dtype in which to rotate
   * @param device where to
   */
  static RotaryTable of(
      double base, int rotated, Positions positions, ScalarType dtype, Device device) {
    try (PointerScope scope = new PointerScope()) {
      Tensor angles = angles(base, rotated, positions);
      Tensor cos = torch.cos(angles).to(device, dtype);
      Tensor sin = torch.sin(angles).to(device, dtype);
      cos.retainReference();
      sin.retainReference();
      return new RotaryTable(cos, sin);
    }
  }

  /** Angles [tokens, R/2]; the order of operations is the published one, which float32 can tell. */
  private static Tensor angles(double base, int rotated, Positions positions) {
    TensorOptions float32 = new TensorOptions(ScalarType.Float);
    Tensor exponents =
        torch
            .arange(new Scalar(0), new Scalar(rotated), new Scalar(2), float32)
            .div(new Scalar(rotated));
    Tensor frequencies = torch.pow(new Scalar(base), exponents).reciprocal();
    Tensor at = Tensor.create(positions.toArray(), positions.size()).to(ScalarType.Float);
    return torch.outer(at, frequencies);
  }

  /**
   * Rotates heads.
   *
   * @param heads [heads, tokens, D], of any strides
   * @param first index in this table of the first token
   * @param result where to write the rotated heads [heads, tokens, D]
   */
  void rotate(Tensor heads, int first, Tensor result) {
    try (PointerScope scope = new PointerScope()) {
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
  }

  @Override
  public void close() {
    cos.close();
    sin.close();
  }
}
