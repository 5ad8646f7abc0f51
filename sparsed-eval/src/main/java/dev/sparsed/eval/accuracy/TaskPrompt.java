package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.GapText;
import java.util.Optional;

/**
 * What a model is asked.
 *
 * @param turns the messages; a plain prompt is one user message
 * @param chat whether the task gave messages, which only a chat template can render, rather than
 *     plain text
 * @param answerPrefix the beginning of the answer, given to the model after the prompt; may be
 *     empty
 * @param gaps the text with gaps to be filled in instead, which the one turn holds as it is
 *     written; empty where an answer is asked for
 */
public record TaskPrompt(
    ImmutableList<ChatTurn> turns, boolean chat, String answerPrefix, Optional<GapText> gaps) {

  /**
   * A prompt whose answer is asked for.
   *
   * @param turns the messages
   * @param chat whether the task gave messages
   * @param answerPrefix the beginning of the answer; may be empty
   */
  public TaskPrompt(ImmutableList<ChatTurn> turns, boolean chat, String answerPrefix) {
    this(turns, chat, answerPrefix, Optional.empty());
  }

  /**
   * A text whose gaps are to be filled in. It is never rendered with a chat template.
   *
   * @param text a text such as {@code Anna lives in <gap:4>.}
   * @return the prompt
   * @throws IllegalArgumentException if there is no gap, or one does not say how many tokens fit in
   */
  public static TaskPrompt infill(String text) {
    return new TaskPrompt(
        ImmutableList.of(new ChatTurn("user", text)), false, "", Optional.of(GapText.parse(text)));
  }

  /**
   * A plain prompt.
   *
   * @param text the prompt
   * @return the prompt without an answer prefix
   */
  public static TaskPrompt plain(String text) {
    return new TaskPrompt(ImmutableList.of(new ChatTurn("user", text)), false, "");
  }

  /**
   * The prompt as plain text, for a model without a chat template.
   *
   * @return the contents of all turns, a blank line between them, and the answer prefix
   */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (ChatTurn turn : turns) {
      if (text.length() > 0) {
        text.append("\n\n");
      }
      text.append(turn.content());
    }
    return text.append(answerPrefix).toString();
  }
}
