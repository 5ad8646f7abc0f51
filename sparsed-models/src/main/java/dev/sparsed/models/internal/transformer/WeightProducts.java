package dev.sparsed.models.internal.transformer;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.CpuProduct;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.cpu.internal.CpuRows;
import dev.sparsed.models.internal.checkpoint.QuantizedTensor;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what computes products with a model's weights and what else layers compute row by row:
 * this library's own kernels for products in bf16 and for norms and rotary embedding on the
 * processor, whose rows do not depend on one another, and LibTorch otherwise.
 */
final class WeightProducts {

  private final @Nullable CpuProduct kernels;
  private final @Nullable CpuProduct forFewFloats;
  private final @Nullable CpuRows rows;

  private WeightProducts(
      @Nullable CpuProduct kernels, @Nullable CpuProduct forFewFloats, @Nullable CpuRows rows) {
    this.kernels = kernels;
    this.forFewFloats = forFewFloats;
    this.rows = rows;
  }

  /** All by LibTorch. */
  static WeightProducts byLibTorch() {
    return new WeightProducts(null, null, null);
  }

  /**
   * By the kernels of a level where they can, whether they are faster or not.
   *
   * @param level one of {@link CpuKernels#instructionSets}
   * @param threads threads per call
   */
  static WeightProducts byKernels(InstructionSet level, int threads) {
    CpuProduct kernels = CpuProduct.of(level, threads);
    // With AVX-512 LibTorch's float32 products have not been measured against the kernels'.
    return new WeightProducts(
        kernels, level == InstructionSet.AVX2 ? kernels : null, CpuRows.of(level, threads));
  }

  /**
   * By the kernels where they are there.
   *
   * @param threads threads per call, one per processor if empty
   */
  static WeightProducts fastest(OptionalInt threads) {
    return CpuKernels.isAvailable()
        ? byKernels(CpuKernels.fastest(), threads.orElseGet(CpuKernels::defaultThreads))
        : byLibTorch();
  }

  /**
   * Whether a row of an output is the same whatever other rows there are: where the kernels compute
   * every product.
   *
   * @param type of rows and weights
   * @param device where they are
   */
  boolean rowsStandAlone(ScalarType type, Device device) {
    return kernels != null && device.is_cpu() && type == ScalarType.BFloat16;
  }

  /**
   * What computes norms and rotary embedding.
   *
   * @param device where the rows are
   */
  RowMath rowMath(Device device) {
    return rows != null && device.is_cpu() ? new KernelRows(rows) : new LibTorchRows();
  }

  /**
   * The form of a matrix in which products are fastest.
   *
   * @param weight [outputs, inputs], contiguous; now the result's, or closed where it is copied
   */
  Matrix matrix(Tensor weight) {
    if (kernels == null
        || !weight.is_cpu()
        || weight.scalar_type().intern() != ScalarType.BFloat16) {
      return plain(weight);
    }
    try (weight) {
      return PackedMatrix.of(kernels, weight);
    }
  }

  /**
   * A matrix as it is, from which rows are mostly gathered.
   *
   * @param weight [outputs, inputs]; now the result's
   */
  Matrix plain(Tensor weight) {
    return new PlainMatrix(weight, weight.is_cpu() ? forFewFloats : null);
  }

  /**
   * The form of a quantized matrix in which products are fastest.
   *
   * @param weight on the processor; closed where it is copied, else now the result's
   * @param dtype of the rows that are multiplied
   * @param device that computes
   */
  Matrix matrix(QuantizedTensor weight, ScalarType dtype, Device device) {
    if (kernels != null
        && device.is_cpu()
        && (dtype == ScalarType.Float || dtype == ScalarType.BFloat16)) {
      try (weight) {
        return PackedMatrix.of(kernels, weight, dtype);
      }
    }
    if (device.is_cpu()) {
      return new QuantizedMatrix(weight, dtype);
    }
    try (weight) {
      return new QuantizedMatrix(
          new QuantizedTensor(
              weight.format(),
              Scoped.owned(() -> weight.numbers().to(device, weight.numbers().scalar_type())),
              Scoped.owned(() -> weight.scales().to(device, weight.scales().scalar_type()))),
          dtype);
    }
  }
}
