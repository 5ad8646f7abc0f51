package dev.sparsed.eval.prompts;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;

/** Reads numbers of tokens, where {@code 4k} is 4096. */
public final class TokenLengths {

  private static final int LARGEST = 1 << 24;

  private TokenLengths() {}

  /**
   * Reads a number of tokens.
   *
   * @param text digits, with a {@code k} after them for units of 1024
   * @return the number, 1 to 16777216
   * @throws IllegalArgumentException if it is no such number
   */
  public static int parse(String text) {
    String digits = Ascii.toLowerCase(text.strip());
    long unit = 1;
    if (digits.endsWith("k")) {
      unit = 1024;
      digits = digits.substring(0, digits.length() - 1);
    }
    if (!digits.matches("\\d{1,9}")
        || Long.parseLong(digits) * unit > LARGEST
        || Long.parseLong(digits) == 0) {
      throw new IllegalArgumentException(
          "a length must be a number of tokens from 1 to "
              + LARGEST
              + ", such as 4096 or 4k, but is '"
              + text
              + "'");
    }
    return (int) (Long.parseLong(digits) * unit);
  }

  /**
   * Reads several numbers of tokens.
   *
   * @param text the numbers, separated by commas
   * @return the numbers as they stand, at least one
   * @throws IllegalArgumentException if there is none, or something else than such a number
   */
  public static ImmutableList<Integer> parseList(String text) {
    ImmutableList.Builder<Integer> lengths = ImmutableList.builder();
    Splitter.on(',').omitEmptyStrings().split(text).forEach(part -> lengths.add(parse(part)));
    ImmutableList<Integer> all = lengths.build();
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no length is given");
    }
    return all;
  }
}
