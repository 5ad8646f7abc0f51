package dev.sparsed.text.internal.jinja;

import java.util.Locale;

/** Lower, upper and title case of Python's str. */
final class TextCase {

  private static final char DOTTED_I = '\u0130';
  private static final char SIGMA = '\u03a3';
  private static final int PIECE = 64;

  private TextCase() {}

  static String capitalize(String text, Budget budget) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return titleCase(text.codePointAt(0))
        .concat(lower(PythonText.part(text, first, text.length(), budget), budget));
  }

  /** A letter as it starts a word; one that has no such form may become two. */
  private static String titleCase(int c) {
    String upper = Character.toString(c).toUpperCase(Locale.ROOT);
    if (Character.toTitleCase(c) != c || upper.codePointCount(0, upper.length()) == 1) {
      return Character.toString(Character.toTitleCase(c));
    }
    int first = upper.offsetByCodePoints(0, 1);
    return upper.substring(0, first) + upper.substring(first).toLowerCase(Locale.ROOT);
  }

  /** Python's {@code title}: letters after anything but a letter in title case. */
  static String title(String text, Budget budget) {
    budget.read(8L * text.length());
    TextBuilder result = new TextBuilder(budget);
    boolean inWord = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      result.append(inWord ? Character.toString(Character.toLowerCase(c)) : titleCase(c));
      inWord = Character.isLetter(c);
    }
    return result.toString();
  }

  static String swapCase(String text, Budget budget) {
    budget.read(8L * text.length());
    TextBuilder swapped = new TextBuilder(budget);
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      String c = Character.toString(text.codePointAt(i));
      swapped.append(
          Character.isUpperCase(text.codePointAt(i))
              ? c.toLowerCase(Locale.ROOT)
              : c.toUpperCase(Locale.ROOT));
    }
    return swapped.toString();
  }

  /**
   * In lower case. Java takes time that grows with the square of how many letters become two, which
   * here is only one letter: it is taken out first.
   */
  static String lower(String text, Budget budget) {
    budget.read(4L * text.length());
    budget.text(text.length());
    if (text.indexOf(DOTTED_I) < 0) {
      return text.toLowerCase(Locale.ROOT);
    } else if (text.indexOf(SIGMA) >= 0) {
      throw new JinjaException("lower case is not supported for texts with both \u0130 and \u03a3");
    }
    TextBuilder lower = new TextBuilder(budget);
    int start = 0;
    for (int i = text.indexOf(DOTTED_I); i >= 0; i = text.indexOf(DOTTED_I, start)) {
      lower.append(text.substring(start, i).toLowerCase(Locale.ROOT)).append("i\u0307");
      start = i + 1;
    }
    return lower.append(text.substring(start).toLowerCase(Locale.ROOT)).toString();
  }

  /** In upper case, where a letter may become three; in pieces for the reason of {@link #lower}. */
  static String upper(String text, Budget budget) {
    budget.read(4L * text.length());
    TextBuilder upper = new TextBuilder(budget);
    int start = 0;
    while (start < text.length()) {
      int end = Math.min(text.length(), start + PIECE);
      if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
        end++;
      }
      upper.append(text.substring(start, end).toUpperCase(Locale.ROOT));
      start = end;
    }
    return upper.toString();
  }

  /** Whether all cased characters are of that case, and there is one. */
  static boolean isCased(String text, boolean upper, Budget budget) {
    budget.read(8L * text.length());
    return text.codePoints().anyMatch(upper ? Character::isUpperCase : Character::isLowerCase)
        && text.codePoints()
            .noneMatch(
                c ->
                    Character.isTitleCase(c)
                        || (upper ? Character.isLowerCase(c) : Character.isUpperCase(c)));
  }
}
