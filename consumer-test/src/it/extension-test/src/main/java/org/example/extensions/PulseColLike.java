package org.example.extensions;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.TopK;

/**
 * Like PulseCol (arXiv 2605.20813): single key columns instead of key blocks, sparse from the first
 * step on, and columns chosen anew at a few early steps, for patterns change most at the beginning.
 */
public final class PulseColLike {

  /** Queries that share their columns. */
  private static final int QUERIES = 32;

  private PulseColLike() {}

  /**
   * The attention policy.
   *
   * @param select share of the key columns that are kept, 0 to 1
   * @param refreshes steps that choose columns, the first among them; each is further from the one
   *     before than that was
   * @return the policy
   */
  public static AttentionPolicy policy(double select, int refreshes) {
    SkipSchedule schedule =
        (step, total) ->
            isRefresh(step, refreshes)
                ? AttentionPhase.SPARSE_AND_SELECT
                : AttentionPhase.SPARSE;
    return new AttentionPolicy(
        schedule, new TopK(select), new BlockShape(QUERIES, 1), ScoreScale.HEAD_DIMENSION);
  }

  /** Steps 0, 1, 3, 6, 10, ... of which there are so many. */
  static boolean isRefresh(int step, int refreshes) {
    for (int i = 0, at = 0; i < refreshes; i++, at += i) {
      if (at == step) {
        return true;
      }
    }
    return false;
  }
}
