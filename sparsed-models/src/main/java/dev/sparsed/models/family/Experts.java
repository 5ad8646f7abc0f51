package dev.sparsed.models.family;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Feed-forward parts of which each token goes through some only: a router scores all experts for a
 * token, the best are computed, and their outputs are added up with the scores as weights.
 *
 * @param count number of experts
 * @param perToken how many a token goes through
 * @param feedForwardSize inner width of one expert
 * @param sharedSize inner width of the part that every token goes through besides; 0 for none
 * @param firstLayer the first layer that has experts; those before it have one feed-forward part,
 *     as wide as the architecture says
 * @param score what the router's outputs become
 * @param correctionBias whether a bias per expert is added to the scores for choosing, not for
 *     weighing
 * @param groups groups that the experts are in, one after the other; only experts of a token's best
 *     groups are chosen, a group being as good as its two best experts together
 * @param groupsPerToken how many groups are chosen from
 * @param normalised whether the weights of a token's experts add up to 1 before they are scaled
 * @param scale what the weights are multiplied with
 */
public record Experts(
    int count,
    int perToken,
    int feedForwardSize,
    int sharedSize,
    int firstLayer,
    Score score,
    boolean correctionBias,
    int groups,
    int groupsPerToken,
    boolean normalised,
    double scale) {

  /** What the router's outputs become. */
  public enum Score {
    /** Chances that add up to 1 over all experts; the router computes in the model's type. */
    SOFTMAX,
    /** Each expert's own chance; the router computes in float32. */
    SIGMOID
  }

  /**
   * Checks that the numbers go together.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Experts {
    checkArgument(count >= 1, "there are %s experts", count);
    checkArgument(feedForwardSize >= 1, "an expert's feed-forward size is %s", feedForwardSize);
    checkArgument(sharedSize >= 0, "the shared expert's feed-forward size is %s", sharedSize);
    checkArgument(firstLayer >= 0, "the first layer with experts is %s", firstLayer);
    checkArgument(
        groups >= 1 && count % groups == 0,
        "%s experts are no multiple of %s groups",
        count,
        groups);
    checkArgument(
        groups == 1 || count / groups >= 2,
        "groups are ranked by their two best experts, but %s groups of %s experts have one each",
        groups,
        count);
    checkArgument(
        groupsPerToken >= 1 && groupsPerToken <= groups,
        "a token's experts are of %s groups of %s",
        groupsPerToken,
        groups);
    checkArgument(
        perToken >= 1 && perToken <= count / groups * groupsPerToken,
        "a token goes through %s experts of %s that it may choose from",
        perToken,
        count / groups * groupsPerToken);
    checkArgument(
        scale > 0 && Double.isFinite(scale), "the experts' weights are scaled by %s", scale);
  }

  /**
   * Experts that are chosen by a softmax over all of them, whose chances are the weights.
   *
   * @param count number of experts
   * @param perToken how many a token goes through
   * @param feedForwardSize inner width of one expert
   * @return the experts, in all layers, none of them shared
   * @throws IllegalArgumentException if the numbers do not go together
   */
  public static Experts softmax(int count, int perToken, int feedForwardSize) {
    return new Experts(
        count, perToken, feedForwardSize, 0, 0, Score.SOFTMAX, false, 1, 1, false, 1);
  }

  /**
   * The same with a part that every token goes through, and with layers without experts.
   *
   * @param size inner width of the shared part; 0 for none
   * @param layers how many layers at the beginning have no experts
   * @return the changed experts
   */
  public Experts shared(int size, int layers) {
    return new Experts(
        count,
        perToken,
        feedForwardSize,
        size,
        layers,
        score,
        correctionBias,
        groups,
        groupsPerToken,
        normalised,
        scale);
  }
}
