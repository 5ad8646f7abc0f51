package dev.sparsed.examples.eval;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;

/** Reads numbers of tokens, where {@code 4k} is 4096. */
final class TokenLengths {

  private static final int LARGEST = 1 << 24;

  private TokenLengths() {}

  static int parse(String text) {
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

  static ImmutableList<Integer> parseList(String text) {
    ImmutableList.Builder<Integer> lengths = ImmutableList.builder();
    Splitter.on(',').omitEmptyStrings().split(text).forEach(part -> lengths.add(parse(part)));
    ImmutableList<Integer> all = lengths.build();
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no length is given");
    }
    return all;
  }
}
