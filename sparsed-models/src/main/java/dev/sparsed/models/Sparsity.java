package dev.sparsed.models;

import dev.sparsed.attention.AttentionBackend;
import java.util.List;

/** Who decides whether a generation with a sparse attention policy really attends sparsely. */
public enum Sparsity {
  /**
   * Sparse only where it is expected to be faster than full attention; otherwise the whole
   * generation runs with full attention, and the result says why. What calls take is measured, for
   * at most 0.3 seconds, at the first generation on this machine that asks, and kept on disk; with
   * the system property {@code dev.sparsed.calibration=off} the backend's cost model decides.
   */
  AUTO,
  /** Sparse as the policy says, for comparisons with published results. */
  ALWAYS,
  /** Full attention throughout. */
  NEVER;

  /**
   * Whether a generation attended sparsely, decided before its first step.
   *
   * @param sparse true if the request's attention policy was followed and has sparse steps, false
   *     if every step used full attention
   * @param reason one sentence that says why
   * @param measured the measurements of this machine that the decision rests on, one for each block
   *     size of the policy; empty where nothing had to be compared, or nothing could be measured
   */
  public record Decision(
      boolean sparse, String reason, List<AttentionBackend.AttentionTimings> measured) {

    /** Makes the list immutable. */
    public Decision {
      measured = List.copyOf(measured);
    }

    /** A decision that no measurement was needed for. */
    static Decision of(boolean sparse, String reason) {
      return new Decision(sparse, reason, List.of());
    }
  }
}
