package dev.sparsed.examples.bench;

import com.google.common.collect.ImmutableList;

/** All backends that the benchmark knows; LibTorch first, as the others are compared with it. */
public final class AttentionCandidates {

  private AttentionCandidates() {}

  /**
   * The backends.
   *
   * @param threads processor threads that backends with threads of their own use
   * @return the candidates, some of which may turn out not to be available
   */
  public static ImmutableList<AttentionCandidate> all(int threads) {
    return ImmutableList.of(new TorchCandidate(), new CpuCandidate(threads));
  }
}
