package dev.sparsed.eval.prompts;

import java.util.Optional;

/**
 * A prompt, before the chat template.
 *
 * @param text what the user says
 * @param expected a word that the right answer holds, where that is known
 */
public record Prompt(String text, Optional<String> expected) {

  /**
   * The same without the line ends that an editor, or a program that prints, leaves at the end of a
   * text. What begins a line is part of it, as in indented code.
   *
   * @return a prompt that does not end with a line end
   */
  public Prompt withoutLastLineEnds() {
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
      end--;
    }
    return new Prompt(text.substring(0, end), expected);
  }
}
