package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.models.internal.torch.CpuTorchKernels;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** The kernels of {@code sparsed-cpu} with the best instruction set of this machine. */
final class CpuCandidate implements AttentionCandidate {

  private final int threads;

  /**
   * Makes the candidate; whether the kernels are there is asked later.
   *
   * @param threads threads per call, at least 1
   */
  CpuCandidate(int threads) {
    this.threads = threads;
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Optional<String> unavailable(Tensor query, Tensor key) {
    Optional<String> missing = CpuKernels.unavailableReason();
    return missing.isPresent() || kernels().supports(kernels().call(query, key, key))
        ? missing
        : Optional.of("the CPU kernels compute no attention over tensors of this dtype or head");
  }

  @Override
  public AttentionBackend<Tensor> backend() {
    return kernels();
  }

  private CpuTorchKernels kernels() {
    return new CpuTorchKernels(CpuAttention.of(CpuKernels.fastest(), threads));
  }
}
