package dev.sparsed.models.family.llada;

/** Which of its masked positions a step of LLaDA commits; the others stay masked. */
public enum Remasking {
  /** Those with the largest probability of the candidate. */
  LOW_CONFIDENCE("low_confidence"),
  /** Random ones. */
  RANDOM("random");

  private final String publishedName;

  Remasking(String publishedName) {
    this.publishedName = publishedName;
  }

  /**
   * The strategy of a published name.
   *
   * @param publishedName such as {@code low_confidence}
   * @return the strategy
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Remasking of(String publishedName) {
    for (Remasking remasking : values()) {
      if (remasking.publishedName.equals(publishedName)) {
        return remasking;
      }
    }
    throw new IllegalArgumentException(
        "LLaDA's remasking must be low_confidence or random but is " + publishedName);
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
