package dev.sparsed.models.internal.transformer;

import dev.sparsed.cpu.CpuProduct;
import dev.sparsed.models.internal.torch.CpuViews;
import dev.sparsed.models.internal.torch.Scoped;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Weights as LibTorch keeps them, multiplied by LibTorch but for few float32 rows, with which this
 * library's kernels are faster on processors without AVX-512.
 *
 * @param weight [outputs, inputs]
 * @param kernels for few rows, or null
 */
record PlainMatrix(Tensor weight, @Nullable CpuProduct kernels) implements Matrix {

  /** Rows up to which the kernels are faster in float32 (docs/benchmarks/cpu.md). */
  private static final int FEW_ROWS = 128;

  @Override
  public Tensor multiply(Tensor rows, @Nullable Tensor bias) {
    if (kernels != null && pays(rows)) {
      return PackedMatrix.multiply(
          rows,
          weight.size(0),
          (left, output) ->
              kernels.multiply(
                  left, CpuViews.of(weight), bias == null ? null : CpuViews.of(bias), output));
    }
    return bias == null
        ? torch.linear(rows, weight)
        : torch.linear(rows, weight, new TensorOptional(bias));
  }

  private static boolean pays(Tensor rows) {
    long count = rows.size(0);
    return count > 0 && count <= FEW_ROWS && rows.scalar_type().intern() == ScalarType.Float;
  }

  @Override
  public Tensor rows(Tensor ids) {
    return torch.embedding(weight, ids);
  }

  @Override
  public Matrix part(int first, int count) {
    return new PlainMatrix(Scoped.owned(() -> weight.narrow(0, first, count)), kernels);
  }

  @Override
  public long parameters() {
    return weight.numel();
  }

  @Override
  public long bytes() {
    return weight.nbytes();
  }

  @Override
  public void close() {
    weight.close();
  }
}
