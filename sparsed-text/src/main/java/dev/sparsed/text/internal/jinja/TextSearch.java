package dev.sparsed.text.internal.jinja;

/** Finds a text in another in time that grows with the sum of their lengths. */
final class TextSearch {

  /** Up to here trying each place costs little, however often the text begins to match. */
  private static final int SHORT = 32;

  private TextSearch() {}

  /** The first place at or after one where a part is, or -1. */
  static int first(String text, String part, int from, Budget budget) {
    if (part.length() <= SHORT) {
      int at = text.indexOf(part, from);
      budget.read(4L * ((at < 0 ? text.length() : at) - from));
      return at;
    }
    return from + part.length() > text.length()
        ? -1
        : longPart(new Run(text, from, text.length(), false), part, budget);
  }

  /** The last place where a part is that ends at or before one, or -1. */
  static int last(String text, String part, int to, Budget budget) {
    if (to < part.length()) {
      return -1;
    }
    if (part.length() <= SHORT) {
      int at = text.lastIndexOf(part, to - part.length());
      budget.read(4L * (to - Math.max(0, at)));
      return at;
    }
    return longPart(new Run(text, 0, to, true), part, budget);
  }

  static boolean contains(String text, String part, Budget budget) {
    return first(text, part, 0, budget) >= 0;
  }

  /** Characters of a text from one place to another, read from the front or from the end. */
  private record Run(String text, int from, int to, boolean backwards) {
    char at(int i) {
      return text.charAt(backwards ? to - 1 - i : from + i);
    }

    int length() {
      return to - from;
    }
  }

  /** Knuth, Morris and Pratt: no character is read more than twice. */
  private static int longPart(Run text, String part, Budget budget) {
    Run sought = new Run(part, 0, part.length(), text.backwards());
    budget.read(8L * (text.length() + 2L * sought.length()));
    budget.memory(4L * sought.length());
    int[] failures = failures(sought);
    int matched = 0;
    for (int i = 0; i < text.length(); i++) {
      matched = advance(sought, matched, text.at(i), failures);
      if (matched == sought.length()) {
        return text.backwards() ? text.to() - 1 - i : text.from() + i + 1 - matched;
      }
    }
    return -1;
  }

  /** For each length of the part, how much of its start ends there. */
  private static int[] failures(Run part) {
    int[] failures = new int[part.length()];
    for (int i = 1; i < part.length(); i++) {
      failures[i] = advance(part, failures[i - 1], part.at(i), failures);
    }
    return failures;
  }

  private static int advance(Run part, int matched, char next, int[] failures) {
    int still = matched;
    while (still > 0 && next != part.at(still)) {
      still = failures[still - 1];
    }
    return next == part.at(still) ? still + 1 : still;
  }
}
