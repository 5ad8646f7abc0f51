package dev.sparsed.text;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;

/**
 * A regular expression of a tokenizer definition, checked before native code runs it.
 *
 * <p>The native engine (Oniguruma) gives up on a match after ten million backtracking steps, and
 * its caller then ends the process; and a search that fails at every position of a long run of
 * characters takes the square of its length. So only expressions are let through of which both is
 * known:
 *
 * <ul>
 *   <li>only a single character or class is repeated without bound, never a group;
 *   <li>on a way through the expression nothing that can fail follows a second such repetition;
 *   <li>an assertion holds no such repetition;
 *   <li>it matches at least one character, so that no match inserts what no character stands for.
 * </ul>
 *
 * All the published expressions (GPT-2, Llama 3, Qwen 2, GPT-4o, DeepSeek, ...) are of this form.
 */
final class SplitPattern {

  /** How Dream and Qwen 2 split words: contractions, words, single digits, symbols, white space. */
  static final String QWEN2 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** What the pre-tokenizer {@code ByteLevel} splits by when no other expression is given. */
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /**
   * Alternatives of published expressions. Where one of them runs over white space or letters
   * without a match, a later one takes the whole run, so that together they stay linear.
   */
  private static final ImmutableSet<String> PUBLISHED_PARTS =
      ImmutableSet.of(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
          "'(?i:[sdmt]|ll|ve|re)",
          "'s",
          "'t",
          "'re",
          "'ve",
          "'m",
          "'ll",
          "'d",
          "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+",
          "[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+",
          " ?\\p{L}+",
          " ?\\p{N}+",
          "\\p{N}",
          "\\p{N}+",
          "\\p{N}{1,3}",
          " ?[^\\s\\p{L}\\p{N}]+",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
          " ?[\\p{P}\\p{S}]+[\\r\\n]*",
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+",
          "\\s*[\\r\\n]",
          "\\s*[\\r\\n]+",
          "\\s+(?!\\S)",
          "\\s+");

  /** The two ways in which GPT-4o's expression reads words; only both together stay linear. */
  private static final String LOWER =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";

  private static final String UPPER =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";

  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

  private static final int MAX_COST = 100;
  private static final int MAX_LENGTH = 4096;
  private static final int MAX_SIZE = 4096;
  private static final int MAX_DEPTH = 16;
  private static final int MAX_REPEATS = 100;
  private static final int UNBOUNDED = -1;

  /** What assertions and anchors match: a place, no character. */
  private static final String PLACES = "bBAzZ";

  private final String pattern;
  private ImmutableSet.Builder<Scan> scans = ImmutableSet.builder();
  private final ImmutableList.Builder<Scan> weighted = ImmutableList.builder();
  private final ImmutableList.Builder<String> parts = ImmutableList.builder();
  private int position;
  private int depth;
  private int ignoringCase;

  private SplitPattern(String pattern) {
    this.pattern = pattern;
  }

  /**
   * What is known of an expression.
   *
   * @param steps how many steps one match takes at most per character of the text
   * @param width how many steps each position of a text takes at least where nothing matches
   * @param least how many characters a match has at least
   * @param scans repetitions that a search may run over in vain from every position
   */
  record Known(int steps, int width, int least, ImmutableList<Scan> scans) {}

  /**
   * A repetition after which the match can still fail: a search then takes, for each run of the
   * characters that it repeats, up to the square of the run's length.
   *
   * @param repeated the characters
   * @param weight a factor on that square
   */
  record Scan(CharacterClass repeated, int weight) {}

  /**
   * Bounds what an expression costs.
   *
   * @throws IllegalArgumentException if no bound is known; the message is why
   */
  static Known check(String pattern) {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("its length is not between 1 and " + MAX_LENGTH);
    }
    SplitPattern parser = new SplitPattern(pattern);
    Way whole = parser.alternatives(Way.START, false);
    if (parser.position < pattern.length()) {
      throw parser.refused("has an unmatched )");
    }
    if (whole.least == 0) {
      throw parser.refused("matches the empty text");
    }
    ImmutableList<Scan> scans =
        isPublished(parser.parts.build()) ? ImmutableList.of() : parser.weighted.build();
    return new Known(
        (int) Math.max(1, whole.cost), (int) whole.size, (int) Math.min(whole.least, 100), scans);
  }

  /** What a text of so many characters costs that is searched for as it is. */
  static Known literal(int length) {
    return new Known(1, length, length, ImmutableList.of());
  }

  private static boolean isPublished(ImmutableList<String> parts) {
    boolean wholeRuns = parts.get(parts.size() - 1).equals("\\s+");
    for (int i = 0; i < parts.size(); i++) {
      String part = escaped(parts.get(i));
      String next = i + 1 < parts.size() ? escaped(parts.get(i + 1)) : "";
      if ((part.equals(LOWER) && next.equals(UPPER))
          || (part.equals(LOWER + CONTRACTIONS) && next.equals(UPPER + CONTRACTIONS))) {
        i++;
      } else if (!PUBLISHED_PARTS.contains(part)) {
        return false;
      }
    }
    return wholeRuns;
  }

  /** A part with line ends as escapes; some publish them as they are. */
  private static String escaped(String part) {
    return part.replace("\r", "\\r").replace("\n", "\\n");
  }

  /**
   * A way through a part of the expression.
   *
   * @param unbounded unbounded repetitions passed so far
   * @param canFail whether the part can fail
   * @param choices ways to get here, a factor on the cost of the repetitions that follow
   * @param cost steps per character so far
   * @param least characters matched at least
   * @param size characters and classes once all counted repetitions are written out
   * @param pending repetitions passed that nothing which can fail has followed yet
   */
  private record Way(
      int unbounded,
      boolean canFail,
      long choices,
      long cost,
      long least,
      long size,
      ImmutableSet<Scan> pending) {

    static final Way START = new Way(0, false, 1, 0, 0, 0, ImmutableSet.of());
  }

  private Way alternatives(Way before, boolean inAssertion) {
    int unbounded = before.unbounded;
    boolean canFail = true;
    long choices = 0;
    long cost = before.cost;
    long least = Long.MAX_VALUE;
    long size = 0;
    ImmutableSet.Builder<Scan> pending = ImmutableSet.builder();
    while (true) {
      int start = position;
      Way branch =
          sequence(
              new Way(before.unbounded, false, before.choices, before.cost, 0, 0, before.pending),
              inAssertion);
      if (depth == 0) {
        parts.add(pattern.substring(start, position));
        // Each character given back lets all that follows be tried once more.
        for (Scan scan : scans.build()) {
          weighted.add(new Scan(scan.repeated, scan.weight * (int) branch.size));
        }
        scans = ImmutableSet.builder();
      }
      unbounded = Math.max(unbounded, branch.unbounded);
      canFail &= branch.canFail;
      choices += branch.choices;
      cost += branch.cost - before.cost;
      least = Math.min(least, branch.least);
      size += branch.size;
      pending.addAll(branch.pending);
      if (position >= pattern.length() || pattern.charAt(position) != '|') {
        return bounded(new Way(unbounded, canFail, choices, cost, least, size, pending.build()));
      }
      position++;
    }
  }

  private Way sequence(Way start, boolean inAssertion) {
    Way way = start;
    int first = position;
    while (position < pattern.length()) {
      char c = pattern.charAt(position);
      if (c == '|' || c == ')') {
        break;
      }
      if (pattern.startsWith("(?i)", position)) {
        // It holds up to the end of its group, alternatives included: harmless only at the start.
        if (position != first || (first > 0 && pattern.charAt(first - 1) == '|')) {
          throw refused("switches to ignoring case in the middle");
        }
        position += 4;
        ignoringCase++;
        continue;
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
    int ignoringCaseBefore = ignoringCase;
    if (take("(?=") || take("(?!") || take("(?<=") || take("(?<!")) {
      assertion = true;
    } else if (take("(?i:")) {
      ignoringCase++;
    } else if (!take("(?:")) {
      if (pattern.startsWith("(?", position) || pattern.startsWith("(*", position)) {
        throw refused("uses a kind of group that is not supported");
      }
      position++;
    }
    // Behind a second repetition only a group that may be left out is let through, and whether it
    // is left out then changes nothing before it: it counts for itself.
    int unbounded = before.unbounded >= 2 ? 0 : before.unbounded;
    Way start =
        new Way(unbounded, before.canFail, before.choices, before.cost, 0, 0, ImmutableSet.of());
    Way inside = alternatives(start, inAssertion || assertion);
    if (!take(")")) {
      throw refused("lacks a )");
    }
    depth--;
    ignoringCase = ignoringCaseBefore;
    int[] repeats = quantifier();
    if (repeats[1] == UNBOUNDED) {
      throw refused("repeats a group without bound");
    }
    if (assertion && (repeats[0] != 1 || repeats[1] != 1)) {
      throw refused("repeats a place");
    }
    if (ignoringCase > 0 && repeats[1] != 1) {
      throw refused("ignores case beyond single characters of ASCII");
    }
    long size = before.size + inside.size * Math.max(1, repeats[1]);
    if (assertion) {
      fails(before.pending);
      return afterItem(
          before,
          true,
          new Way(
              before.unbounded,
              true,
              before.choices,
              before.cost + inside.cost,
              before.least,
              size,
              before.pending));
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
    if (canFail) {
      fails(before.pending);
    }
    return afterItem(
        before,
        canFail,
        new Way(
            Math.max(before.unbounded, inside.unbounded),
            canFail,
            choices,
            inside.cost,
            before.least + inside.least * repeats[0],
            size,
            ImmutableSet.<Scan>builder().addAll(before.pending).addAll(inside.pending).build()));
  }

  private Way single(Way before, boolean inAssertion) {
    int start = position;
    boolean place = atom();
    String atom = pattern.substring(start, position);
    int[] repeats = quantifier();
    boolean repeated = repeats[0] != 1 || repeats[1] != 1;
    if (place && repeated) {
      throw refused("repeats a place");
    }
    if (ignoringCase > 0
        && (repeats[1] != 1 || atom.contains("\\p") || atom.chars().anyMatch(c -> c >= 0x80))) {
      // Some characters match several others together there, so that runs have many readings.
      throw refused("ignores case beyond single characters of ASCII");
    }
    boolean canFail = place || repeats[0] > 0;
    if (canFail) {
      fails(before.pending);
    }
    long least = before.least + (place ? 0 : repeats[0]);
    if (repeats[1] == UNBOUNDED) {
      if (inAssertion) {
        throw refused("repeats without bound inside an assertion");
      }
      return afterItem(
          before,
          canFail,
          new Way(
              before.unbounded + 1,
              canFail,
              before.choices,
              before.cost + before.choices,
              least,
              before.size + 1,
              ImmutableSet.<Scan>builder()
                  .addAll(before.pending)
                  .add(new Scan(CharacterClass.of(atom), (int) before.choices))
                  .build()));
    }
    return afterItem(
        before,
        canFail,
        new Way(
            before.unbounded,
            canFail,
            before.choices * (repeats[1] - repeats[0] + 1L),
            before.cost,
            least,
            before.size + Math.max(1, repeats[1]),
            before.pending));
  }

  /** What follows these repetitions can fail, after they have run over all that they match. */
  private void fails(ImmutableSet<Scan> pending) {
    scans.addAll(pending);
  }

  private Way afterItem(Way before, boolean canFail, Way after) {
    // A second repetition may itself fail at its first character: that costs one step per retry of
    // the first. Anything later must not send the match back into both.
    if (canFail && before.unbounded >= 2) {
      throw refused("can fail after two unbounded repetitions");
    }
    return bounded(
        new Way(
            after.unbounded,
            before.canFail || canFail,
            after.choices,
            after.cost,
            after.least,
            after.size,
            after.pending));
  }

  private Way bounded(Way way) {
    if (way.choices > MAX_COST || way.cost > MAX_COST || way.size > MAX_SIZE) {
      throw refused("has too many ways to match");
    }
    return way;
  }

  /** Steps over one literal, escape, class, dot or anchor; says whether it matches a place only. */
  private boolean atom() {
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
