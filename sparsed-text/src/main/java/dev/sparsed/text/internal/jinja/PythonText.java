package dev.sparsed.text.internal.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Python's text operations as far as they differ from Java's: code points, white space, case,
 * parts.
 */
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

  static String stripEnd(String text) {
    return text.substring(0, end(text, PythonText::isSpace));
  }

  /** The text without white space at its ends, both or one of them. */
  static String strip(String text, boolean atStart, boolean atEnd, Budget budget) {
    return strip(text, PythonText::isSpace, atStart, atEnd, budget);
  }

  /** The text without characters of a set at its ends, both or one of them. */
  static String strip(
      String text, String characters, boolean atStart, boolean atEnd, Budget budget) {
    IntPredicate among =
        c -> {
          budget.read(characters.length());
          return characters.indexOf(c) >= 0;
        };
    return strip(text, among, atStart, atEnd, budget);
  }

  private static String strip(
      String text, IntPredicate stripped, boolean atStart, boolean atEnd, Budget budget) {
    budget.read(4L * text.length());
    int start = atStart ? start(text, stripped) : 0;
    int end = atEnd ? Math.max(start, end(text, stripped)) : text.length();
    return part(text, start, end, budget);
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

  /** Part of a text, by places in Java's sense. */
  static String part(String text, int from, int to, Budget budget) {
    if (from > 0 || to < text.length()) {
      budget.text(to - from);
    }
    return text.substring(from, to);
  }

  /** Number of code points. */
  static int length(String text, Budget budget) {
    budget.read(text.length());
    return text.codePointCount(0, text.length());
  }

  /**
   * Splits at runs of white space, without empty parts; {@code most} splits, or all if negative.
   */
  static List<Object> split(String text, long most, Budget budget) {
    budget.read(4L * text.length());
    List<Object> parts = new ArrayList<>();
    int start = skip(text, 0, true);
    while (start < text.length()) {
      boolean last = most >= 0 && parts.size() >= most;
      int end = last ? text.length() : skip(text, start, false);
      Lists.add(parts, part(text, start, end, budget), budget);
      start = last ? text.length() : skip(text, end, true);
    }
    return parts;
  }

  private static int skip(String text, int from, boolean space) {
    int at = from;
    while (at < text.length() && isSpace(text.charAt(at)) == space) {
      at++;
    }
    return at;
  }

  /** As {@link #split}, counting splits from the end. */
  static List<Object> splitFromEnd(String text, long most, Budget budget) {
    budget.read(4L * text.length());
    List<Object> parts = new ArrayList<>();
    int end = skipBack(text, text.length(), true);
    while (end > 0) {
      boolean last = most >= 0 && parts.size() >= most;
      int start = last ? 0 : skipBack(text, end, false);
      Lists.add(parts, part(text, start, end, budget), budget);
      end = last ? 0 : skipBack(text, start, true);
    }
    Collections.reverse(parts);
    return parts;
  }

  private static int skipBack(String text, int to, boolean space) {
    int at = to;
    while (at > 0 && isSpace(text.charAt(at - 1)) == space) {
      at--;
    }
    return at;
  }

  static List<Object> split(String text, String separator, long most, Budget budget) {
    List<Object> parts = new ArrayList<>();
    int from = 0;
    while (most < 0 || parts.size() < most) {
      int at = TextSearch.first(text, separator, from, budget);
      if (at < 0) {
        break;
      }
      Lists.add(parts, part(text, from, at, budget), budget);
      from = at + separator.length();
    }
    Lists.add(parts, part(text, from, text.length(), budget), budget);
    return parts;
  }

  static List<Object> splitFromEnd(String text, String separator, long most, Budget budget) {
    List<Object> parts = new ArrayList<>();
    int to = text.length();
    while (most < 0 || parts.size() < most) {
      int at = TextSearch.last(text, separator, to, budget);
      if (at < 0) {
        break;
      }
      Lists.add(parts, part(text, at + separator.length(), to, budget), budget);
      to = at;
    }
    Lists.add(parts, part(text, 0, to, budget), budget);
    Collections.reverse(parts);
    return parts;
  }

  static List<Object> lines(String text, boolean keepEnds, Budget budget) {
    budget.read(4L * text.length());
    List<Object> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isLineEnd(c)) {
        int next = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
        Lists.add(lines, part(text, start, keepEnds ? next : i, budget), budget);
        start = next;
        i = next - 1;
      }
    }
    if (start < text.length()) {
      Lists.add(lines, part(text, start, text.length(), budget), budget);
    }
    return lines;
  }

  private static boolean isLineEnd(char c) {
    return (c >= 0x0A && c <= 0x0D)
        || (c >= 0x1C && c <= 0x1E)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
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
}
