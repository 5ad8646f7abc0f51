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
final class SplitPattern extends RegexReader {

  private static final int MAX_COST = 100;
  private static final int MAX_LENGTH = 4096;
  private static final int MAX_SIZE = 4096;

  private ImmutableSet.Builder<Scan> scans = ImmutableSet.builder();
  private final ImmutableList.Builder<Scan> weighted = ImmutableList.builder();
  private final ImmutableList.Builder<String> parts = ImmutableList.builder();
  private int ignoringCase;

  private SplitPattern(String pattern) {
    super(pattern);
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
        PublishedPatterns.arePublished(parser.parts.build())
            ? ImmutableList.of()
            : parser.weighted.build();
    return new Known(
        (int) Math.max(1, whole.cost), (int) whole.size, (int) Math.min(whole.least, 100), scans);
  }

  /** What a text of so many characters costs that is searched for as it is. */
  static Known literal(int length) {
    return new Known(1, length, length, ImmutableList.of());
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
      if (depth() == 0) {
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
    open();
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
    close();
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
}
