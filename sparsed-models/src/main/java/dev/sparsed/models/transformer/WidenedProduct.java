package dev.sparsed.models.transformer;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.models.torch.Scoped;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Products of bf16 matrices in float32, rounded once at the end: what a bf16 product is, on
 * processors for which LibTorch has no fast one. Weights are widened a strip at a time, so that
 * they stay in memory as bf16.
 */
final class WidenedProduct {

  /** Weights that are widened at once: 64 MiB, enough work to hide the change between products. */
  private static final long STRIP_ELEMENTS = 1L << 24;

  private static final boolean PROCESSOR_LACKS_BF16 =
      CpuKernels.isAvailable() && CpuKernels.fastest().compareTo(InstructionSet.AVX512) < 0;

  private WidenedProduct() {}

  /** Whether LibTorch's own product of these rows is slower by a multiple. */
  static boolean pays(Tensor rows) {
    return PROCESSOR_LACKS_BF16
        && rows.size(0) > 0
        && rows.is_cpu()
        && rows.scalar_type().intern() == ScalarType.BFloat16;
  }

  /** Maps bf16 rows [tokens, inputs] to bf16 [tokens, outputs]. */
  static Tensor of(Tensor rows, Tensor weight, @Nullable Tensor bias) {
    return Scoped.result(
        () -> {
          long inputs = weight.size(1);
          long outputs = weight.size(0);
          long strip = Math.min(outputs, Math.max(1, STRIP_ELEMENTS / inputs));
          Tensor wide = rows.to(ScalarType.Float);
          Tensor buffer = empty(ScalarType.Float, strip, inputs);
          Tensor result = empty(ScalarType.BFloat16, rows.size(0), outputs);
          for (long from = 0; from < outputs; from += strip) {
            long first = from;
            long length = Math.min(strip, outputs - from);
            Scoped.run(
                () -> {
                  Tensor part = buffer.narrow(0, 0, length);
                  part.copy_(weight.narrow(0, first, length));
                  Tensor product = multiply(wide, part, bias, first);
                  result.narrow(1, first, length).copy_(product);
                });
          }
          return result;
        });
  }

  private static Tensor multiply(Tensor rows, Tensor weight, @Nullable Tensor bias, long from) {
    if (bias == null) {
      return torch.linear(rows, weight);
    }
    Tensor part = bias.narrow(0, from, weight.size(0)).to(ScalarType.Float);
    return torch.linear(rows, weight, new TensorOptional(part));
  }

  private static Tensor empty(ScalarType type, long... sizes) {
    return torch.empty(sizes, new TensorOptions(type), new MemoryFormatOptional());
  }
}
