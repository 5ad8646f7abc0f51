package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.torch.TorchBackend;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** LibTorch's own operations: what the others are compared with. */
final class TorchCandidate implements AttentionCandidate {

  private final ComputeDevice device;
  private final TorchBackend backend = new TorchBackend();

  TorchCandidate(ComputeDevice device) {
    this.device = device;
  }

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public Optional<String> unavailable(Tensor query, Tensor key) {
    return Optional.empty();
  }

  @Override
  public AttentionBackend<Tensor> backend() {
    return backend;
  }

  @Override
  public void synchronize() {
    Devices.await(device);
  }
}
