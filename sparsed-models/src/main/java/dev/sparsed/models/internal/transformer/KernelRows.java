package dev.sparsed.models.internal.transformer;

import static dev.sparsed.models.internal.torch.CpuViews.span;

import dev.sparsed.cpu.internal.CpuRows;
import dev.sparsed.models.internal.torch.Scoped;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * By this library's kernels, for tensors on the processor: in one pass, with the roundings of
 * LibTorch's operations. Rotated heads have the same bits; the squares of a norm are added in
 * another order.
 *
 * @param kernels the kernels
 */
record KernelRows(CpuRows kernels) implements RowMath {

  @Override
  public Tensor norm(Tensor rows, Tensor weight, double epsilon) {
    Tensor result = torch.empty_like(rows);
    compute(
        rows,
        () ->
            kernels.norm(
                span("the rows", rows),
                span("the norm's weight", weight),
                epsilon,
                span("the normed rows", result)));
    return result;
  }

  @Override
  public Tensor normOfSum(Tensor rows, Tensor added, Tensor weight, double epsilon) {
    Tensor result = torch.empty_like(rows);
    compute(
        rows,
        () ->
            kernels.normOfSum(
                span("the rows", rows),
                span("what is added", added),
                span("the norm's weight", weight),
                epsilon,
                span("the normed rows", result)));
    return result;
  }

  @Override
  public void rotate(Tensor heads, Tensor cos, Tensor sin, Tensor result) {
    compute(
        heads,
        () ->
            kernels.rotate(
                span("the heads", heads),
                span("the cosines", cos),
                span("the sines", sin),
                span("the rotated heads", result)));
  }

  private static void compute(Tensor rows, Runnable call) {
    if (rows.numel() > 0) {
      Scoped.run(call);
    }
  }
}
