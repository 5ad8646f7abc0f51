package dev.sparsed.models.method;

import com.google.common.base.Ascii;

/** What is taken away from SparseD, as its paper's ablations do. */
public enum Ablation {
  /** Sparse from the first step on, which also builds the pattern. */
  NO_SKIP,
  /** Every sparse step builds its own pattern. */
  NO_REUSE,
  /** Prompt and generation blocks are ranked together. */
  NO_ISOLATION;

  /** The name in names of methods, such as {@code no-skip}. */
  @Override
  public String toString() {
    return Ascii.toLowerCase(name()).replace('_', '-');
  }
}
