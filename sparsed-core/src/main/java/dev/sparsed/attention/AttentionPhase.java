package dev.sparsed.attention;

/** What a denoising step does with attention. */
public enum AttentionPhase {
  /** Full attention. */
  FULL,
  /** Full attention, and each layer builds its pattern from this step's queries and keys. */
  FULL_AND_SELECT,
  /** Each layer builds its pattern from this step's queries and keys and uses it at once. */
  SPARSE_AND_SELECT,
  /** Block-sparse attention with the pattern there is. */
  SPARSE;

  /**
   * Whether each layer builds its pattern in this phase, for which it needs all queries.
   *
   * @return true for {@link #FULL_AND_SELECT} and {@link #SPARSE_AND_SELECT}
   */
  public boolean selects() {
    return this == FULL_AND_SELECT || this == SPARSE_AND_SELECT;
  }

  /**
   * Whether attention is computed over a pattern in this phase.
   *
   * @return true for {@link #SPARSE} and {@link #SPARSE_AND_SELECT}
   */
  public boolean isSparse() {
    return this == SPARSE || this == SPARSE_AND_SELECT;
  }
}
