package dev.sparsed.models.family.qwen;

/** Which of a block's masked positions a step of SDAR commits. */
public enum SdarRemasking {
  /** Those surer than the threshold, and at least as many as the step's share. */
  LOW_CONFIDENCE_DYNAMIC("low_confidence_dynamic"),
  /** As many as the step's share, the surest first. */
  LOW_CONFIDENCE_STATIC("low_confidence_static"),
  /** As many as the step's share, from left to right. */
  SEQUENTIAL("sequential");

  private final String publishedName;

  SdarRemasking(String publishedName) {
    this.publishedName = publishedName;
  }

  /**
   * The strategy of a published name.
   *
   * @param publishedName such as {@code low_confidence_dynamic}
   * @return the strategy
   * @throws IllegalArgumentException if there is none of that name
   */
  public static SdarRemasking of(String publishedName) {
    for (SdarRemasking remasking : values()) {
      if (remasking.publishedName.equals(publishedName)) {
        return remasking;
      }
    }
    throw new IllegalArgumentException(
        "SDAR's remasking must be low_confidence_dynamic, low_confidence_static or sequential but"
            + " is "
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
