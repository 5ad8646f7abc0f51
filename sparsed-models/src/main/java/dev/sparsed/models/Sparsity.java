package dev.sparsed.models;

/** Who decides whether a generation with a sparse attention policy really attends sparsely. */
public enum Sparsity {
  /**
   * Sparse only where the attention backend's cost model expects it to be faster than full
   * attention; otherwise the whole generation runs with full attention, and the result says why.
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
   */
  public record Decision(boolean sparse, String reason) {}
}
