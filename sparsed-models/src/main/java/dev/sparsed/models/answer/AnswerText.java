package dev.sparsed.models.answer;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The text of an answer that can no longer change, read off the tokens of every step.
 *
 * <p>Settled are the tokens before the first that is not decided. Of their text the end is held
 * back while later tokens could still change it: bytes that are half of a character, blanks that
 * may turn out to surround the answer, what some tokenizers draw together with what follows (such
 * as {@code n't}), and what may be the beginning of a stop sequence.
 */
final class AnswerText {

  /** What some tokenizers draw together with what follows, where a blank stands before it. */
  private static final ImmutableList<String> CONTRACTIONS =
      ImmutableList.of("n", "n'", "'", "'m", "'s", "'v", "'r");

  private final Function<int[], String> decoder;
  private final Reading reading;
  private final StringBuilder text = new StringBuilder();
  private int settled;
  private int tokens;
  private Optional<Answer.Ending> ending = Optional.empty();

  /**
   * How answers are read.
   *
   * @param mask the token of positions that are not decided
   * @param ends tokens that end an answer
   * @param maxTokens the most tokens that it has
   * @param stopSequences texts before which it ends, none empty
   * @param stripped whether blanks around it are left out
   */
  record Reading(
      int mask, Set<Integer> ends, int maxTokens, List<String> stopSequences, boolean stripped) {}

  /**
   * An answer without text.
   *
   * @param decoder tokens to text without special tokens; bytes that are no text yet become U+FFFD
   * @param reading how to read it
   */
  AnswerText(Function<int[], String> decoder, Reading reading) {
    this.decoder = decoder;
    this.reading = reading;
  }

  /** The text so far. */
  String text() {
    return text.toString();
  }

  /** Tokens of the text so far, the one that ends it included. */
  int tokens() {
    return tokens;
  }

  /** Why the text ends here, if it does. */
  Optional<Answer.Ending> ending() {
    return ending;
  }

  /**
   * Reads a step's tokens.
   *
   * @param generated the positions after the prompt
   * @return the text that has become settled, possibly empty
   */
  String advance(int[] generated) {
    if (ending.isPresent()) {
      return "";
    }
    int before = settled;
    int limit = Math.min(reading.maxTokens(), generated.length);
    while (settled < limit && isText(generated[settled])) {
      settled++;
    }
    tokens = settled;
    if (settled == limit) {
      ending = Optional.of(Answer.Ending.LENGTH);
    } else if (reading.ends().contains(generated[settled])) {
      ending = Optional.of(Answer.Ending.END_OF_TEXT);
      tokens++;
    } else if (settled == before) {
      return "";
    }
    return append(settledText(generated, before));
  }

  private boolean isText(int token) {
    return token != reading.mask() && !reading.ends().contains(token);
  }

  private String settledText(int[] generated, int before) {
    String decoded = decode(generated, settled);
    int stop = firstStop(decoded);
    if (stop >= 0) {
      ending = Optional.of(Answer.Ending.STOP_SEQUENCE);
      tokens = before + 1;
      while (tokens < settled && firstStop(decode(generated, tokens)) < 0) {
        tokens++;
      }
      return decoded.substring(0, stop);
    }
    return ending.isPresent() ? decoded : decoded.substring(0, settledLength(decoded));
  }

  private String decode(int[] generated, int length) {
    return decoder.apply(Arrays.copyOf(generated, length));
  }

  private int firstStop(String decoded) {
    return reading.stopSequences().stream()
        .mapToInt(decoded::indexOf)
        .filter(index -> index >= 0)
        .min()
        .orElse(-1);
  }

  /** Up to where nothing that follows can change a text. */
  private int settledLength(String decoded) {
    int whole = decoded.length();
    while (whole > 0 && decoded.charAt(whole - 1) == '\uFFFD') {
      whole--;
    }
    int length = whole;
    for (String stop : reading.stopSequences()) {
      int begun = Math.min(stop.length() - 1, whole);
      while (begun > 0 && !decoded.regionMatches(whole - begun, stop, 0, begun)) {
        begun--;
      }
      length = Math.min(length, whole - begun);
    }
    return withoutJoiningEnd(decoded, length);
  }

  /** Where the blanks and contractions begin that a text ends with. */
  private static int withoutJoiningEnd(String decoded, int end) {
    int length = end;
    int previous;
    do {
      previous = length;
      while (length > 0 && Character.isWhitespace(decoded.charAt(length - 1))) {
        length--;
      }
      for (String contraction : CONTRACTIONS) {
        int start = length - contraction.length();
        if (start > 0
            && decoded.startsWith(contraction, start)
            && Character.isWhitespace(decoded.charAt(start - 1))) {
          length = start;
        }
      }
    } while (length < previous);
    return length;
  }

  private String append(String decoded) {
    String visible = decoded;
    if (reading.stripped()) {
      visible = ending.isPresent() ? decoded.strip() : decoded.stripLeading();
    }
    if (visible.length() <= text.length() || !visible.startsWith(text.toString())) {
      return "";
    }
    String added = visible.substring(text.length());
    text.append(added);
    return added;
  }
}
