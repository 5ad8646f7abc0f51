package dev.sparsed.attention;

/** The factor on q . k when blocks are scored for selection. */
@FunctionalInterface
public interface ScoreScale {

  /** {@code 1 / sqrt(D)}, the scale of the attention itself. */
  ScoreScale HEAD_DIMENSION = shape -> 1 / Math.sqrt(shape.headDimension());

  /**
   * {@code 1 / sqrt(H)}, which SparseD's published LLaDA code uses when it selects blocks, and only
   * then.
   */
  ScoreScale HEAD_COUNT = shape -> 1 / Math.sqrt(shape.heads());

  /**
   * The scale that the published code of the model at hand uses; {@code 1 / sqrt(D)} wherever the
   * model does not replace it by another.
   */
  ScoreScale PUBLISHED = shape -> HEAD_DIMENSION.of(shape);

  /**
   * The factor for a shape.
   *
   * @param shape the sizes of the attention call
   * @return a positive finite number
   */
  double of(AttentionShape shape);
}
