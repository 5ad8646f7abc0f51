package dev.sparsed.models.internal.transformer;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** By LibTorch's operations, tile by tile on a processor. */
record LibTorchRows() implements RowMath {

  @Override
  public Tensor norm(Tensor rows, Tensor weight, double epsilon) {
    Tensor result = torch.empty_like(rows);
    RowTiles.each(
        rows, result, (first, some, normed) -> normed.copy_(scaled(some, epsilon)).mul_(weight));
    return result;
  }

  private static Tensor scaled(Tensor rows, double epsilon) {
    Tensor wide = rows.to(ScalarType.Float);
    Tensor variance = wide.pow(new Scalar(2)).mean(new long[] {-1}, true, new ScalarTypeOptional());
    return wide.mul(torch.rsqrt(variance.add_(new Scalar(epsilon))));
  }

  @Override
  public Tensor normOfSum(Tensor rows, Tensor added, Tensor weight, double epsilon) {
    return norm(rows.add_(added), weight, epsilon);
  }

  @Override
  public void rotate(Tensor heads, Tensor cos, Tensor sin, Tensor result) {
    RowTiles.each(
        heads,
        result,
        (first, some, turned) ->
            rotateTile(
                some,
                cos.narrow(0, first, some.size(1)),
                sin.narrow(0, first, some.size(1)),
                turned));
  }

  private static void rotateTile(Tensor heads, Tensor cos, Tensor sin, Tensor result) {
    long half = cos.size(1);
    long others = heads.size(2) - 2 * half;
    if (others > 0) {
      result.narrow(2, 2 * half, others).copy_(heads.narrow(2, 2 * half, others));
    }
    Tensor turned = heads.to(cos.scalar_type());
    Tensor x = turned.narrow(2, 0, half);
    Tensor y = turned.narrow(2, half, half);
    result.narrow(2, 0, half).copy_(x.mul(cos).sub_(y.mul(sin)));
    result.narrow(2, half, half).copy_(y.mul(cos).add_(x.mul(sin)));
  }
}
