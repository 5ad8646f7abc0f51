package dev.sparsed.text;

import dev.sparsed.text.internal.Quoted;

/** Steps through a regular expression, item by item, and refuses what is not known to be plain. */
class RegexReader {

  private static final int MAX_DEPTH = 16;
  private static final int MAX_REPEATS = 100;

  /** The number of repeats where there is no most. */
  static final int UNBOUNDED = -1;

  /** What assertions and anchors match: a place, no character. */
  private static final String PLACES = "bBAzZ";

  final String pattern;
  int position;
  private int depth;

  RegexReader(String pattern) {
    this.pattern = pattern;
  }

  /** How many groups and classes are open. */
  final int depth() {
    return depth;
  }

  final void open() {
    if (++depth > MAX_DEPTH) {
      throw refused("nests groups or classes deeper than " + MAX_DEPTH);
    }
  }

  final void close() {
    depth--;
  }

  /** Steps over one literal, escape, class, dot or anchor; says whether it matches a place only. */
  final boolean atom() {
    char c = pattern.charAt(position++);
    if (c == '[') {
      skipClass();
    } else if (c == '\\') {
      int escaped = position;
      escape();
      return PLACES.indexOf(pattern.charAt(escaped)) >= 0;
    } else if (c == '*' || c == '+' || c == '?' || c == '{') {
      position--;
      throw refused("repeats a repetition or nothing");
    } else if (Character.isHighSurrogate(c)
        && position < pattern.length()
        && Character.isLowSurrogate(pattern.charAt(position))) {
      position++;
    }
    return c == '^' || c == '$';
  }

  private void escape() {
    if (position >= pattern.length()) {
      throw refused("ends in a backslash");
    }
    char c = pattern.charAt(position++);
    if (c == 'p' || c == 'P' || ((c == 'x' || c == 'u') && pattern.startsWith("{", position))) {
      int end = pattern.indexOf('}', position);
      if (!pattern.startsWith("{", position) || end < 0) {
        throw refused("has a property or code point without braces");
      }
      position = end + 1;
    } else if (c == 'x' || c == 'u') {
      int digits = c == 'x' ? 2 : 4;
      if (position + digits > pattern.length()) {
        throw refused("has a short \\" + c);
      }
      position += digits;
    } else if (Character.isLetterOrDigit(c) && "rntfvaesSdDwWhHbBAzZ0".indexOf(c) < 0) {
      throw refused("uses " + Quoted.of("\\" + c) + ", which is not supported");
    }
  }

  private void skipClass() {
    open();
    take("^");
    take("]");
    while (position < pattern.length()) {
      char c = pattern.charAt(position++);
      if (c == ']') {
        close();
        return;
      }
      if (c == '[') {
        skipClass();
      } else if (c == '\\') {
        escape();
      }
    }
    throw refused("lacks a ]");
  }

  /** Least and most repeats of what was just read. */
  final int[] quantifier() {
    int[] repeats;
    if (take("?")) {
      repeats = new int[] {0, 1};
    } else if (take("*")) {
      repeats = new int[] {0, UNBOUNDED};
    } else if (take("+")) {
      repeats = new int[] {1, UNBOUNDED};
    } else if (take("{")) {
      repeats = braces();
      if (pattern.startsWith("+", position)) {
        throw refused("repeats a repetition");
      }
      take("?");
      return repeats;
    } else {
      return new int[] {1, 1};
    }
    if (!take("+")) {
      take("?");
    }
    return repeats;
  }

  private int[] braces() {
    int least = number();
    if (least < 0) {
      throw refused("has braces that are not a repetition");
    }
    int most = least;
    if (take(",")) {
      most = number();
    }
    boolean exact = pattern.charAt(position - 1) != ',' && most == least;
    if (!take("}") || most > MAX_REPEATS || least > MAX_REPEATS) {
      throw refused("repeats something more than " + MAX_REPEATS + " times or lacks a }");
    }
    if (exact && pattern.startsWith("?", position)) {
      throw refused("repeats a repetition"); // not a reluctant one for this engine
    }
    if (most >= 0 && most < least) {
      throw refused("has a repetition from " + least + " to " + most);
    }
    return new int[] {least, most};
  }

  /** The number at hand, {@link #UNBOUNDED} if there is none. */
  private int number() {
    int value = UNBOUNDED;
    while (position < pattern.length()
        && pattern.charAt(position) >= '0'
        && pattern.charAt(position) <= '9') {
      value = Math.min(Math.max(value, 0) * 10 + (pattern.charAt(position++) - '0'), 1 << 20);
    }
    return value;
  }

  final boolean take(String expected) {
    if (pattern.startsWith(expected, position)) {
      position += expected.length();
      return true;
    }
    return false;
  }

  final IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("it " + why + " (at character " + position + ")");
  }
}
