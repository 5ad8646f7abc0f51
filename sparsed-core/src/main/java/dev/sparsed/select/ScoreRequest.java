package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What a backend is asked to score (SparseD, arXiv 2509.24014).
 *
 * <p>The score of query block i and key block j is the sum, over the query rows r in i and key
 * columns c in j, of {@code softmax_c(q_r . k_c * scale)}.
 *
 * @param blockSize tokens per block b, at least 1
 * @param firstGenerationBlock first key block m of the generation part; 0 to n - 1 for n key blocks
 * @param scale factor on q . k before the softmax, positive and finite
 * @param scope which normalisations to compute
 */
public record ScoreRequest(
    int blockSize, int firstGenerationBlock, double scale, ScoreScope scope) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public ScoreRequest {
    checkArgument(blockSize >= 1, "blockSize must be at least 1 but is %s", blockSize);
    checkArgument(
        firstGenerationBlock >= 0,
        "firstGenerationBlock must not be negative but is %s",
        firstGenerationBlock);
    checkArgument(
        scale > 0 && Double.isFinite(scale),
        "scale must be a positive finite number but is %s",
        scale);
  }
}
