package dev.sparsed.models.answer;

import java.util.Arrays;
import java.util.function.Function;

/** The text of an answer as it stands, decided or not. */
final class ProvisionalText {

  private ProvisionalText() {}

  /** The text of the positions after the prompt, up to the first end of text among them. */
  static String of(Function<int[], String> decoder, AnswerText.Reading reading, int[] generated) {
    StringBuilder text = new StringBuilder();
    int limit = Math.min(reading.maxTokens(), generated.length);
    int start = 0;
    while (start < limit && !reading.ends().contains(generated[start])) {
      if (generated[start] == reading.mask()) {
        text.append(AnswerListener.AnswerStep.OPEN);
        start++;
        continue;
      }
      int end = start;
      while (end < limit
          && generated[end] != reading.mask()
          && !reading.ends().contains(generated[end])) {
        end++;
      }
      text.append(decoder.apply(Arrays.copyOfRange(generated, start, end)));
      start = end;
    }
    return reading.stripped() ? text.toString().strip() : text.toString();
  }
}
