package dev.sparsed.models.answer;

import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import java.util.function.Supplier;

/** Follows an answer while it comes to be. Called by the generating thread. */
public interface AnswerListener {

  /** Lets every answer come to its end. */
  AnswerListener NONE = new AnswerListener() {};

  /**
   * Called when text can no longer change: every token before it is decided, or where the decoding
   * may take tokens back, the generation has ended. All texts together are the answer's.
   *
   * @param text the text that follows what was given before, never empty
   */
  default void onText(String text) {}

  /**
   * Called after every step, after {@link #onText}.
   *
   * @param step where the answer stands
   * @return whether to go on
   */
  default GenerationListener.Reaction onStep(AnswerStep step) {
    return GenerationListener.Reaction.CONTINUE;
  }

  /** Where an answer stands after a step. Valid only during the listener's call. */
  final class AnswerStep {

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
}
