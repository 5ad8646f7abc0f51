package dev.sparsed.models.family.dream;

/** Which of its masked positions a step of Dream commits. */
public enum DreamAlgorithm {
  /** Each with the same chance. */
  ORIGIN("origin"),
  /** Those with the largest probability of the candidate. */
  MASKGIT_PLUS("maskgit_plus"),
  /** Those with the largest margin between the two most likely tokens. */
  TOPK_MARGIN("topk_margin"),
  /** Those with the smallest entropy. */
  ENTROPY("entropy");

  private final String publishedName;

  DreamAlgorithm(String publishedName) {
    this.publishedName = publishedName;
  }

  /**
   * The algorithm of a published name.
   *
   * @param publishedName such as {@code maskgit_plus}
   * @return the algorithm
   * @throws IllegalArgumentException if there is none of that name
   */
  public static DreamAlgorithm of(String publishedName) {
    for (DreamAlgorithm algorithm : values()) {
      if (algorithm.publishedName.equals(publishedName)) {
        return algorithm;
      }
    }
    throw new IllegalArgumentException(
        "Dream's algorithm must be origin, maskgit_plus, topk_margin or entropy but is "
            + publishedName);
  }

  /**
   * The name in the published code.
   *
   * @return the name
   */
  public String publishedName() {
    return publishedName;
  }
}
