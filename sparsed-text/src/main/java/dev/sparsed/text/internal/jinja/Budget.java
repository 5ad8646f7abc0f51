package dev.sparsed.text.internal.jinja;

/**
 * What one rendering may use up: steps, time, memory, the length of a text and the depth of
 * nesting.
 *
 * <p>Everything that grows with a template's values is paid for here before it is done: what is
 * read by {@link #read} and {@link #steps}, what is made by {@link #text}, {@link #list}, {@link
 * #values} and {@link #map}. A value that is shared is paid for each time it is read. Memory is
 * never given back: what a rendering makes all in all bounds what it can hold at any moment.
 */
final class Budget {

  /** Characters of any one text, the rendered one included. */
  static final int MAX_TEXT = 4 << 20;

  private static final long MAX_STEPS = 10_000_000;
  private static final long MAX_MEMORY = 96L << 20;
  private static final long MAX_NANOS = 7_000_000_000L;
  private static final int MAX_DEPTH = 400;

  private static final int STEPS_PER_CLOCK = 1024;
  private static final int CHARACTERS_PER_STEP = 16;
  private static final int BYTES_OF_HEADER = 64;
  private static final int BYTES_OF_REFERENCE = 8;
  private static final int BYTES_OF_VALUE = 48;
  private static final int BYTES_OF_ENTRY = 64;

  private final long start = System.nanoTime();
  private long steps;
  private long nextClock;
  private long memory;
  private int depth;

  /** Accounts for work; a template's own negative numbers give none back. */
  void steps(long count) {
    steps += Math.max(0, count);
    if (count > MAX_STEPS || steps > MAX_STEPS) {
      throw new JinjaException("the template takes more than " + MAX_STEPS + " steps");
    }
    if (steps >= nextClock) {
      nextClock = steps + STEPS_PER_CLOCK;
      if (System.nanoTime() - start > MAX_NANOS) {
        throw new JinjaException(
            "the template takes longer than " + MAX_NANOS / 1_000_000_000 + " seconds");
      }
    }
  }

  /** Accounts for characters that are looked at once. */
  void read(long characters) {
    steps(1 + characters / CHARACTERS_PER_STEP);
  }

  /** Accounts for a text about to be made at once. */
  void text(long characters) {
    length(characters);
    read(characters);
    memory(BYTES_OF_HEADER + 2 * characters);
  }

  /**
   * Accounts for characters about to be added to a text that grows, which costs twice: once as it
   * grows, once more when it is done.
   */
  void grow(long length, long characters) {
    length(length + characters);
    read(characters);
    memory(4 * characters);
  }

  private static void length(long characters) {
    if (characters > MAX_TEXT) {
      throw new JinjaException(
          "the template makes a text of more than " + MAX_TEXT + " characters");
    }
  }

  /** Accounts for a list about to be made of so many values that are there already. */
  void list(long size) {
    steps(1 + size / 4);
    memory(BYTES_OF_HEADER + BYTES_OF_REFERENCE * size);
  }

  /** Accounts for so many numbers and the like about to be made and put into a list. */
  void values(long count) {
    steps(count);
    memory(BYTES_OF_VALUE * count);
  }

  /** Accounts for a dict about to be made, without its values. */
  void map(long size) {
    steps(1 + size);
    memory(2 * BYTES_OF_HEADER + BYTES_OF_ENTRY * size);
  }

  /** Accounts for memory about to be used. */
  void memory(long bytes) {
    memory += bytes;
    if (bytes > MAX_MEMORY || memory > MAX_MEMORY) {
      throw new JinjaException(
          "the template makes texts and lists of more than " + (MAX_MEMORY >> 20) + " MiB");
    }
  }

  /** One level deeper into the template, a call or a value. */
  void enter() {
    if (++depth > MAX_DEPTH) {
      throw new JinjaException("the template is nested too deeply, in more than 400 levels");
    }
  }

  void leave() {
    depth--;
  }
}
