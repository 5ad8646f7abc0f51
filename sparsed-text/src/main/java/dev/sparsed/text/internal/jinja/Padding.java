package dev.sparsed.text.internal.jinja;

/** Fills texts up to a width. */
final class Padding {

  private Padding() {}

  /**
   * A text filled up on the right ({@code <}), the left ({@code >}) or both sides ({@code ^}, the
   * odd one as {@code format} puts it: on the right).
   */
  static String pad(String text, long width, char alignment, String fill, Budget budget) {
    if (PythonText.length(fill, budget) != 1) {
      throw new JinjaException("a text is filled up with one character");
    }
    long missing = Math.max(0, width - PythonText.length(text, budget));
    long left = alignment == '<' ? 0 : alignment == '>' ? missing : missing / 2;
    return new TextBuilder(budget)
        .repeat(fill, left)
        .append(text)
        .repeat(fill, missing - left)
        .toString();
  }

  /** {@code str.center}: the odd one on the left if the width is odd, which is history. */
  static String center(String text, long width, String fill, Budget budget) {
    long missing = width - PythonText.length(text, budget);
    if (missing <= 0) {
      return text;
    }
    long left = missing / 2 + (missing & width & 1);
    String right = pad(text, width - left, '<', fill, budget);
    return pad(right, width, '>', fill, budget);
  }
}
