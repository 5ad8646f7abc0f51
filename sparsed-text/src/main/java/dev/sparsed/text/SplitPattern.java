package dev.sparsed.text;

/**
 * Checks the regular expressions of a tokenizer definition before native code runs them.
 *
 * <p>The native engine (Oniguruma) gives up on a match after ten million backtracking steps, and
 * its caller then ends the process: a crafted expression, or eleven million blanks under the
 * expression of Dream or LLaDA, would take the JVM down. So only expressions are let through whose
 * steps grow linearly with the text, and {@link #cost} says how steeply:
 *
 * <ul>
 *   <li>only a single character or class is repeated without bound, never a group;
 *   <li>on a way through the expression nothing that can fail follows a second such repetition;
 *   <li>an assertion holds no such repetition.
 * </ul>
 *
 * All the published byte-level expressions (GPT-2, Llama 3, Qwen 2, GPT-4o) are of this form.
 */
final class SplitPattern {

  /** How Dream and Qwen 2 split words: contractions, words, single digits, symbols, white space. */
  static final String QWEN2 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** What the pre-tokenizer {@code ByteLevel} splits by when no other expression is given. */
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /** Steps that a match may take, below the engine's ten million. */
  static final long MAX_STEPS = 8_000_000;

  private static final int MAX_COST = 100;
  private static final int MAX_LENGTH = 4096;
  private static final int MAX_DEPTH = 16;
  private static final int MAX_REPEATS = 100;
  private static final int UNBOUNDED = -1;

  private final String pattern;
  private int position;
  private int depth;

  private SplitPattern(String pattern) {
    this.pattern = pattern;
  }

  /**
   * Bounds the backtracking of one match.
   *
   * @return how many steps a match takes at most per character of the text
   * @throws IllegalArgumentException if the expression is not known to be linear; the message is
   *     why
   */
  static int cost(String pattern) {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("its length is not between 1 and " + MAX_LENGTH);
    }
    SplitPattern parser = new SplitPattern(pattern);
    Way whole = parser.alternatives(new Way(0, false, 1, 0), false);
    if (parser.position < pattern.length()) {
      throw parser.refused("has an unmatched )");
    }
    return (int) Math.max(1, whole.cost);
  }

  /**
   * A way through a part of the expression.
   *
   * @param unbounded unbounded repetitions passed so far
   * @param canFail whether the part can fail
   * @param choices ways to get here, a factor on the cost of the repetitions that follow
   * @param cost steps per character so far
   */
  private record Way(int unbounded, boolean canFail, long choices, long cost) {}

  private Way alternatives(Way before, boolean inAssertion) {
    int unbounded = before.unbounded;
    boolean canFail = true;
    long choices = 0;
    long cost = before.cost;
    while (true) {
      Way branch =
          sequence(new Way(before.unbounded, false, before.choices, before.cost), inAssertion);
      unbounded = Math.max(unbounded, branch.unbounded);
      canFail &= branch.canFail;
      choices += branch.choices;
      cost += branch.cost - before.cost;
      if (position >= pattern.length() || pattern.charAt(position) != '|') {
        return bounded(new Way(unbounded, canFail, choices, cost));
      }
      position++;
    }
  }

  private Way sequence(Way start, boolean inAssertion) {
    Way way = start;
    while (position < pattern.length()) {
      char c = pattern.charAt(position);
      if (c == '|' || c == ')') {
        break;
      }
      way = c == '(' ? group(way, inAssertion) : single(way, inAssertion);
    }
    return way;
  }

  private Way group(Way before, boolean inAssertion) {
    if (++depth > MAX_DEPTH) {
      throw refused("nests groups deeper than " + MAX_DEPTH);
    }
    boolean assertion = false;
    if (take("(?=") || take("(?!") || take("(?<=") || take("(?<!")) {
      assertion = true;
    } else if (take("(?i)")) {
      depth--;
      return before;
    } else if (!take("(?:") && !take("(?i:")) {
      if (pattern.startsWith("(?", position) || pattern.startsWith("(*", position)) {
        throw refused("uses a kind of group that is not supported");
      }
      position++;
    }
    // Behind a second repetition only a group that may be left out is let through, and whether it
    // is left out then changes nothing before it: it counts for itself.
    Way start = before.unbounded >= 2 ? new Way(0, false, before.choices, before.cost) : before;
    Way inside = alternatives(start, inAssertion || assertion);
    if (!take(")")) {
      throw refused("lacks a )");
    }
    depth--;
    int[] repeats = quantifier();
    if (repeats[1] == UNBOUNDED) {
      throw refused("repeats a group without bound");
    }
    if (assertion) {
      return afterItem(before, true, before.unbounded, before.choices, before.cost + inside.cost);
    }
    long choices = inside.choices;
    for (int i = 1; i < repeats[1]; i++) {
      if (inside.unbounded > start.unbounded) {
        throw refused("repeats a group that holds a repetition");
      }
      choices = Math.min(choices * Math.max(1, inside.choices), MAX_COST + 1L);
    }
    if (repeats[0] < repeats[1]) {
      choices += before.choices;
    }
    boolean canFail = repeats[0] > 0 && inside.canFail;
    return afterItem(
        before, canFail, Math.max(before.unbounded, inside.unbounded), choices, inside.cost);
  }

  private Way single(Way before, boolean inAssertion) {
    atom();
    int[] repeats = quantifier();
    if (repeats[1] == UNBOUNDED) {
      if (inAssertion) {
        throw refused("repeats without bound inside an assertion");
      }
      return afterItem(
          before,
          repeats[0] > 0,
          before.unbounded + 1,
          before.choices,
          before.cost + before.choices);
    }
    long choices = before.choices * (repeats[1] - repeats[0] + 1L);
    return afterItem(before, repeats[0] > 0, before.unbounded, choices, before.cost);
  }

  private Way afterItem(Way before, boolean canFail, int unbounded, long choices, long cost) {
    // A second repetition may itself fail at its first character: that costs one step per retry of
    // the first. Anything later must not send the match back into both.
    if (canFail && before.unbounded >= 2) {
      throw refused("can fail after two unbounded repetitions");
    }
    return bounded(new Way(unbounded, before.canFail || canFail, choices, cost));
  }

  private Way bounded(Way way) {
    if (way.choices > MAX_COST || way.cost > MAX_COST) {
      throw refused("has too many ways to match");
    }
    return way;
  }

  /** Steps over one literal, escape, class, dot or anchor. */
  private void atom() {
    char c = pattern.charAt(position++);
    if (c == '[') {
      skipClass();
    } else if (c == '\\') {
      escape();
    } else if (c == '*' || c == '+' || c == '?' || c == '{') {
      position--;
      throw refused("repeats a repetition or nothing");
    } else if (Character.isHighSurrogate(c)
        && position < pattern.length()
        && Character.isLowSurrogate(pattern.charAt(position))) {
      position++;
    }
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
      throw refused("uses \\" + c + ", which is not supported");
    }
  }

  private void skipClass() {
    if (++depth > MAX_DEPTH) {
      throw refused("nests classes deeper than " + MAX_DEPTH);
    }
    take("^");
    take("]");
    while (position < pattern.length()) {
      char c = pattern.charAt(position++);
      if (c == ']') {
        depth--;
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
  private int[] quantifier() {
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
    if (!take("}") || most > MAX_REPEATS || least > MAX_REPEATS) {
      throw refused("repeats something more than " + MAX_REPEATS + " times or lacks a }");
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

  private boolean take(String expected) {
    if (pattern.startsWith(expected, position)) {
      position += expected.length();
      return true;
    }
    return false;
  }

  private IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("it " + why + " (at character " + position + ")");
  }
}
