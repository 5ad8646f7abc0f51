package dev.sparsed.models.internal.transformer;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.CpuProduct;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.models.internal.torch.CpuViews;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Products with a model's weights, by this library's own kernels where LibTorch's are slower by a
 * multiple: on processors with AVX2 and without AVX-512 those of bf16, which are sums in float32
 * rounded once either way, and those of few rows. The kernels of other levels have not been
 * measured against LibTorch's.
 */
final class WeightProducts {

  /** Rows up to which the kernels are faster in float32 too (docs/benchmarks/cpu.md). */
  private static final int FEW_ROWS = 128;

  private static final WeightProducts BY_LIBTORCH = new WeightProducts(null);

  private final @Nullable CpuProduct kernels;

  private WeightProducts(@Nullable CpuProduct kernels) {
    this.kernels = kernels;
  }

  /** All products by LibTorch. */
  static WeightProducts byLibTorch() {
    return BY_LIBTORCH;
  }

  /**
   * By the kernels of a level where they can, whether they are faster or not.
   *
   * @param level one of {@link CpuKernels#instructionSets}
   * @param threads threads per product
   */
  static WeightProducts byKernels(InstructionSet level, int threads) {
    return new WeightProducts(CpuProduct.of(level, threads));
  }

  /**
   * By the kernels where they are there and faster.
   *
   * @param threads threads per product, one per processor if empty
   */
  static WeightProducts fastest(OptionalInt threads) {
    if (!CpuKernels.isAvailable() || CpuKernels.fastest().compareTo(InstructionSet.AVX2) != 0) {
      return BY_LIBTORCH;
    }
    return byKernels(CpuKernels.fastest(), threads.orElseGet(CpuKernels::defaultThreads));
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
   * Maps rows [tokens, inputs] to [tokens, outputs].
   *
   * @param rows the rows
   * @param weight [outputs, inputs], of the same dtype and device
   * @param bias [outputs], or null
   */
  Tensor multiply(Tensor rows, Tensor weight, @Nullable Tensor bias) {
    if (kernels != null && pays(rows)) {
      return multiply(kernels, rows, weight, bias);
    }
    return bias == null
        ? torch.linear(rows, weight)
        : torch.linear(rows, weight, new TensorOptional(bias));
  }

  private static boolean pays(Tensor rows) {
    if (!rows.is_cpu() || rows.size(0) == 0) {
      return false;
    }
    ScalarType type = rows.scalar_type().intern();
    if (type == ScalarType.Float) {
      return rows.size(0) <= FEW_ROWS;
    }
    return type == ScalarType.BFloat16;
  }

  private static Tensor multiply(
      CpuProduct kernels, Tensor rows, Tensor weight, @Nullable Tensor bias) {
    return Scoped.result(
        () -> {
          Tensor output =
              torch.empty(
                  new long[] {rows.size(0), weight.size(0)},
                  new TensorOptions(rows.scalar_type()),
                  new MemoryFormatOptional());
          kernels.multiply(
              CpuViews.of(CpuViews.contiguousRows(rows)),
              CpuViews.of(weight),
              bias == null ? null : CpuViews.of(bias),
              CpuViews.of(output));
          return output;
        });
  }
}
