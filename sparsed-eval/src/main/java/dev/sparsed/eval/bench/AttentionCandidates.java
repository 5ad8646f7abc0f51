package dev.sparsed.eval.bench;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.ComputeDevice;

/** All backends of a device; LibTorch first, as the others are compared with it. */
public final class AttentionCandidates {

  private AttentionCandidates() {}

  /**
   * The backends.
   *
   * @param setup device and threads
   * @return the candidates, some of which may turn out not to be available
   */
  public static ImmutableList<AttentionCandidate> of(AttentionSetup setup) {
    ComputeDevice device = setup.device();
    return ImmutableList.of(
        new TorchCandidate(device),
        device.kind() == ComputeDevice.Kind.CPU
            ? new CpuCandidate(setup.threads())
            : new CudaCandidate(device));
  }
}
