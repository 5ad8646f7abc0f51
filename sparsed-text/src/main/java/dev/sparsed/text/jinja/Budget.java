package dev.sparsed.text.jinja;

/** What one rendering may use up: steps, time, text and depth of calls. */
final class Budget {

  /** Characters of any one text, the rendered one included. */
  static final int MAX_TEXT = 16 << 20;

  private static final long MAX_STEPS = 5_000_000;
  private static final long MAX_NANOS = 10_000_000_000L;
  private static final int MAX_CALLS = 64;
  private static final int CLOCK_EVERY = 4096;
  private static final int CHARACTERS_PER_STEP = 16;

  private final long start = System.nanoTime();
  private long steps;
  private long nextClock;
  private int calls;

  /** Accounts for so many steps of work; a template's own negative numbers give none back. */
  void spend(long count) {
    steps += Math.max(0, count);
    if (count > MAX_STEPS || steps > MAX_STEPS) {
      throw new JinjaException("the template takes more than " + MAX_STEPS + " steps");
    }
    if (steps >= nextClock) {
      nextClock = steps + CLOCK_EVERY;
      if (System.nanoTime() - start > MAX_NANOS) {
        throw new JinjaException(
            "the template takes longer than " + MAX_NANOS / 1_000_000_000 + " seconds");
      }
    }
  }

  /** Accounts for a text about to be made. */
  void text(long characters) {
    if (characters > MAX_TEXT) {
      throw tooLong();
    }
    spend(1 + characters / CHARACTERS_PER_STEP);
  }

  static JinjaException tooLong() {
    return new JinjaException("the template makes a text of more than " + MAX_TEXT + " characters");
  }

  void enter() {
    if (++calls > MAX_CALLS) {
      throw new JinjaException("the template calls itself deeper than " + MAX_CALLS);
    }
  }

  void leave() {
    calls--;
  }
}
