package dev.sparsed.examples.bench;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.models.torch.TorchBackend;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** LibTorch's own operations on the processor: what the others are compared with. */
public final class TorchCandidate implements AttentionCandidate {

  private final TorchBackend backend = new TorchBackend();

  /** Makes the candidate. */
  public TorchCandidate() {}

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
}
