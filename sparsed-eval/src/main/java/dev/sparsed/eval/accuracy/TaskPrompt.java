package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;

/**
 * What a model is asked.
 *
 * @param turns the messages; a plain prompt is one user message
 * @param chat whether the task gave messages, which only a chat template can render, rather than
 *     plain text
 * @param answerPrefix the beginning of the answer, given to the model after the prompt; may be
 *     empty
 */
public record TaskPrompt(ImmutableList<ChatTurn> turns, boolean chat, String answerPrefix) {

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
