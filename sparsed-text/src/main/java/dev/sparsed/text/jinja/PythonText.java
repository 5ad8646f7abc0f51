package dev.sparsed.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Python's text operations as far as they differ from Java's: code points, white space, case. */
final class PythonText {

  private PythonText() {}

  static boolean isSpace(int c) {
    return (c >= 0x09 && c <= 0x0D)
        || (c >= 0x1C && c <= 0x20)
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  static boolean isSpace(String text) {
    return !text.isEmpty() && text.chars().allMatch(PythonText::isSpace);
  }

  static String strip(String text) {
    return stripEnd(stripStart(text));
  }

  static String stripStart(String text) {
    return text.substring(start(text, PythonText::isSpace));
  }

  static String stripEnd(String text) {
    return text.substring(0, end(text, PythonText::isSpace));
  }

  static String strip(String text, String characters) {
    return stripEnd(stripStart(text, characters), characters);
  }

  static String stripStart(String text, String characters) {
    return text.substring(start(text, c -> characters.indexOf(c) >= 0));
  }

  static String stripEnd(String text, String characters) {
    return text.substring(0, end(text, c -> characters.indexOf(c) >= 0));
  }

  private static int start(String text, IntPredicate stripped) {
    int start = 0;
    while (start < text.length() && stripped.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    return start;
  }

  private static int end(String text, IntPredicate stripped) {
    int end = text.length();
    while (end > 0 && stripped.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return end;
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  static List<Object> characters(String text) {
    List<Object> characters = new ArrayList<>(text.length());
    text.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }

  /**
   * Splits at runs of white space, without empty parts; {@code most} splits, or all if negative.
   */
  static List<Object> split(String text, long most) {
    List<Object> parts = new ArrayList<>();
    String rest = stripStart(text);
    while (!rest.isEmpty()) {
      int end = 0;
      while (end < rest.length() && !isSpace(rest.charAt(end))) {
        end++;
      }
      if (most >= 0 && parts.size() == most) {
        parts.add(stripEnd(rest));
        break;
      }
      parts.add(rest.substring(0, end));
      rest = stripStart(rest.substring(end));
    }
    return parts;
  }

  static List<Object> split(String text, String separator, long most) {
    List<Object> parts = new ArrayList<>();
    int from = 0;
    while (most < 0 || parts.size() < most) {
      int at = text.indexOf(separator, from);
      if (at < 0) {
        break;
      }
      parts.add(text.substring(from, at));
      from = at + separator.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  static List<Object> splitFromEnd(String text, String separator, long most) {
    List<Object> parts = new ArrayList<>();
    int to = text.length();
    while (most < 0 || parts.size() < most) {
      int at = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length());
      if (at < 0) {
        break;
      }
      parts.add(0, text.substring(at + separator.length(), to));
      to = at;
    }
    parts.add(0, text.substring(0, to));
    return parts;
  }

  static List<Object> lines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ends =
          (c >= 0x0A && c <= 0x0D)
              || (c >= 0x1C && c <= 0x1E)
              || c == 0x85
              || c == 0x2028
              || c == 0x2029;
      if (ends) {
        int next = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
        lines.add(text.substring(start, keepEnds ? next : i));
        start = next;
        i = next - 1;
      }
    }
    if (start < text.length()) {
      lines.add(text.substring(start));
    }
    return lines;
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    StringBuilder result = new StringBuilder();
    result.appendCodePoint(Character.toTitleCase(text.codePointAt(0)));
    return result.append(lower(text.substring(first))).toString();
  }

  /** Python's {@code title}: letters after anything but a letter in title case. */
  static String title(String text) {
    StringBuilder result = new StringBuilder(text.length());
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      result.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return result.toString();
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** Whether all cased characters are of that case, and there is one. */
  static boolean isCased(String text, boolean upper) {
    return text.codePoints().anyMatch(upper ? Character::isUpperCase : Character::isLowerCase)
        && text.codePoints()
            .noneMatch(
                c ->
                    Character.isTitleCase(c)
                        || (upper ? Character.isLowerCase(c) : Character.isUpperCase(c)));
  }

  /** By code points, as Python orders texts. */
  static int compare(String left, String right) {
    int i = 0;
    int shorter = Math.min(left.length(), right.length());
    while (i < shorter && left.charAt(i) == right.charAt(i)) {
      i++;
    }
    if (i == shorter) {
      return Integer.compare(left.length(), right.length());
    }
    // Surrogates stand below U+E000 in UTF-16 but above it as code points.
    int a = Character.isSurrogate(left.charAt(i)) ? 0x10000 : left.charAt(i);
    int b = Character.isSurrogate(right.charAt(i)) ? 0x10000 : right.charAt(i);
    return a == b ? Character.compare(left.charAt(i), right.charAt(i)) : Integer.compare(a, b);
  }

  /** The text as a Python literal. */
  static String literal(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder literal = new StringBuilder(text.length() + 2).append(quote);
    text.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                literal.append('\\').append((char) c);
              } else if (c == '\n') {
                literal.append("\\n");
              } else if (c == '\r') {
                literal.append("\\r");
              } else if (c == '\t') {
                literal.append("\\t");
              } else if (isPrintable(c)) {
                literal.appendCodePoint(c);
              } else if (c < 0x100) {
                literal.append(String.format(Locale.ROOT, "\\x%02x", c));
              } else if (c < 0x10000) {
                literal.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                literal.append(String.format(Locale.ROOT, "\\U%08x", c));
              }
            });
    return literal.append(quote).toString();
  }

  private static boolean isPrintable(int c) {
    return c == ' '
        || switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SPACE_SEPARATOR ->
              false;
          default -> true;
        };
  }
}
