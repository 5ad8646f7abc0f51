package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.text.internal.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with gaps, written such as {@code Anna lives in <gap:4>. She likes it there.}: at each gap
 * a text of at most so many tokens is to be filled in.
 *
 * <p>The blank before a gap belongs to the word that is filled in, as most tokenizers have it: a
 * model is given the text before without it, and writes it itself.
 *
 * @param parts the text before the first gap, between the gaps and after the last one, as written;
 *     one more than there are gaps
 * @param gaps tokens that each gap has room for
 */
public record GapText(List<String> parts, List<Integer> gaps) {

  private static final Pattern GAP = Pattern.compile("<gap:([^<>]*)>");

  /** More than any model is fed, and few enough to be added up. */
  private static final int MOST_TOKENS = 1 << 22;

  /**
   * Checks and copies both.
   *
   * @throws IllegalArgumentException if there is no gap, one has no room, all together have more
   *     than a model is fed, or the parts are not one more
   */
  public GapText {
    parts = ImmutableList.copyOf(parts);
    gaps = ImmutableList.copyOf(gaps);
    checkArgument(!gaps.isEmpty(), "a text with gaps needs one, such as <gap:16>");
    checkArgument(
        parts.size() == gaps.size() + 1,
        "%s gaps do not go with %s parts of a text",
        gaps.size(),
        parts.size());
    long open = 0;
    for (int gap : gaps) {
      open += gap;
      checkArgument(
          gap >= 1 && gap <= MOST_TOKENS,
          "a gap has room for 1 to %s tokens, but not for %s",
          MOST_TOKENS,
          gap);
    }
    checkArgument(
        open <= MOST_TOKENS, "gaps have room for %s tokens in all, not for %s", MOST_TOKENS, open);
  }

  /**
   * Reads a text with gaps.
   *
   * @param text the text, with {@code <gap:N>} wherever at most N tokens are to be filled in
   * @return its parts and gaps
   * @throws IllegalArgumentException if there is no gap, or one has no such number
   */
  public static GapText parse(String text) {
    List<String> parts = new ArrayList<>();
    List<Integer> gaps = new ArrayList<>();
    Matcher gap = GAP.matcher(text);
    int from = 0;
    while (gap.find()) {
      parts.add(text.substring(from, gap.start()));
      gaps.add(length(gap.group(1)));
      from = gap.end();
    }
    parts.add(text.substring(from));
    checkArgument(
        !gaps.isEmpty(),
        "%s has no gap; write <gap:16> where up to 16 tokens are to be filled in",
        Quoted.of(text));
    return new GapText(parts, gaps);
  }

  private static int length(String number) {
    try {
      return Integer.parseInt(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "<gap:" + Quoted.line(number) + "> does not say how many tokens fit in, as <gap:16> does",
          e);
    }
  }

  /**
   * Tokens that all gaps together have room for.
   *
   * @return the count
   */
  public int openLength() {
    return gaps.stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * What a model is given.
   *
   * @param format encodes for the model; special tokens that stand at the beginning of a plain text
   *     stand here too
   * @return the canvas
   */
  public Canvas canvas(ChatFormat format) {
    Canvas.Builder canvas = Canvas.builder();
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i);
      String fed = leavesBlank(i) ? part.substring(0, part.length() - 1) : part;
      canvas.given(i == 0 ? format.plain(fed) : format.asWritten(fed));
      if (i < gaps.size()) {
        canvas.gap(gaps.get(i));
      }
    }
    return canvas.build();
  }

  /** Whether the blank at the end of a part is left to the gap after it. */
  private boolean leavesBlank(int part) {
    return part < gaps.size() && parts.get(part).endsWith(" ");
  }

  /**
   * The texts of the gaps, without the blank that the text before a gap has already.
   *
   * @param filled tokens of each gap, as {@link GenerationResult#filled} gives them
   * @param format decodes
   * @return a text for each gap, up to its end of text and without special tokens
   * @throws IllegalArgumentException if there are more or fewer of them
   */
  public List<String> texts(List<int[]> filled, ChatFormat format) {
    checkCount(filled.size());
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < filled.size(); i++) {
      String text = format.answer(filled.get(i));
      texts.add(leavesBlank(i) && text.startsWith(" ") ? text.substring(1) : text);
    }
    return texts;
  }

  /**
   * The whole text: what was given as it was written, and in each gap a text.
   *
   * @param texts one for each gap
   * @return the text
   * @throws IllegalArgumentException if there are more or fewer texts than gaps
   */
  public String with(List<String> texts) {
    checkCount(texts.size());
    StringBuilder whole = new StringBuilder(parts.get(0));
    for (int i = 0; i < texts.size(); i++) {
      whole.append(texts.get(i)).append(parts.get(i + 1));
    }
    return whole.toString();
  }

  private void checkCount(int count) {
    checkArgument(count == gaps.size(), "%s texts do not go with %s gaps", count, gaps.size());
  }
}
