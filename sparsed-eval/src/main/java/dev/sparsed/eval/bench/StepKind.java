package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.GenerationProgress;

/**
 * What steps that take about the same time have in common.
 *
 * @param phase how they attend
 * @param cached whether they feed a part of the sequence only and read the rest from a cache
 */
public record StepKind(AttentionPhase phase, boolean cached) {

  static StepKind of(GenerationProgress progress) {
    return new StepKind(progress.phase(), !progress.cache().feedsAll());
  }

  /**
   * Its name for people.
   *
   * @return such as {@code full and select}, or {@code cached full}
   */
  public String text() {
    return (cached ? "cached " : "") + PhaseNames.of(phase);
  }

  /**
   * Its name in JSON.
   *
   * @return such as {@code full_and_select}, or {@code cached_full}
   */
  public String key() {
    return (cached ? "cached_" : "") + PhaseNames.key(phase);
  }
}
