package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.internal.torch.CudaTorchKernels;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** The kernels of {@code sparsed-cuda} on a card. */
final class CudaCandidate implements AttentionCandidate {

  private final ComputeDevice device;
  private final Optional<CudaTorchKernels> kernels = CudaTorchKernels.find();

  CudaCandidate(ComputeDevice device) {
    this.device = device;
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public Optional<String> unavailable(Tensor query, Tensor key) {
    if (kernels.isEmpty()) {
      return Optional.of("the CUDA kernels find no card, see doctor");
    }
    return kernels.get().supports(kernels.get().call(query, key, key))
        ? Optional.empty()
        : Optional.of("the CUDA kernels compute no attention over tensors of this dtype or head");
  }

  @Override
  public AttentionBackend<Tensor> backend() {
    return kernels.orElseThrow();
  }

  @Override
  public void synchronize() {
    Devices.await(device);
  }
}
