package dev.sparsed.models.answer;

import dev.sparsed.models.GenerationProgress;
import java.util.function.Supplier;

/** Where an answer stands after a step. Valid only during the listener's call. */
public final class AnswerStep {

  /** Stands in provisional text for a token that is not decided yet. */
  public static final char OPEN = '\u2591';

  private final GenerationProgress progress;
  private final String settled;
  private final Supplier<String> provisional;

  AnswerStep(GenerationProgress progress, String settled, Supplier<String> provisional) {
    this.progress = progress;
    this.settled = settled;
    this.provisional = provisional;
  }

  /**
   * The step as the generation reports it.
   *
   * @return the progress
   */
  public GenerationProgress progress() {
    return progress;
  }

  /**
   * The text that can no longer change.
   *
   * @return the answer's beginning, possibly empty
   */
  public String settled() {
    return settled;
  }

  /**
   * The whole answer as it stands, with {@link #OPEN} for every token that is not decided. What
   * follows the settled text may still change: tokens between may join, and the answer may end
   * earlier.
   *
   * @return the text, up to the first end of text that is decided
   */
  public String provisional() {
    return provisional.get();
  }
}
