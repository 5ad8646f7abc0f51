package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a sequence is before anything is decided: given tokens, and gaps between, before or after
 * them. A prompt with an answer to come is a canvas with one gap at its end.
 *
 * @param given the given tokens in their order, those of all parts together
 * @param gaps the gaps, ascending; they do not overlap, but may touch each other
 */
public record Canvas(List<Integer> given, List<Gap> gaps) {

  /**
   * Checks and copies both.
   *
   * @throws IllegalArgumentException if there is no gap, or the gaps are not ascending or lie
   *     beyond the end
   */
  public Canvas {
    given = ImmutableIntArray.copyOf(given).asList();
    gaps = ImmutableList.copyOf(gaps);
    checkArgument(!gaps.isEmpty(), "a canvas without a gap has nothing to be filled");
    long open = 0;
    int end = 0;
    for (Gap gap : gaps) {
      open += gap.length();
      checkArgument(
          gap.start() >= end,
          "gaps must be ascending and not overlap, but one starts at %s after one that ends at %s",
          gap.start(),
          end);
      checkArgument(
          given.size() + open <= Integer.MAX_VALUE && gap.end() <= given.size() + open,
          "the gap of %s positions from %s on lies beyond the %s given tokens",
          gap.length(),
          gap.start(),
          given.size());
      end = gap.end();
    }
  }

  /**
   * A prompt, and after it what is to be generated.
   *
   * @param prompt token ids; copied
   * @param generationLength positions after it, at least 1
   * @return the canvas
   * @throws IllegalArgumentException if there is nothing to generate
   */
  public static Canvas of(int[] prompt, int generationLength) {
    return builder().given(prompt).gap(generationLength).build();
  }

  /**
   * Tokens with masks where something is to be filled in.
   *
   * @param tokens token ids and masks; copied
   * @param maskToken the mask; neighbouring ones are one gap
   * @return the canvas
   * @throws IllegalArgumentException if there is no mask
   */
  public static Canvas ofMasked(int[] tokens, int maskToken) {
    Builder builder = builder();
    for (int from = 0; from < tokens.length; ) {
      boolean open = tokens[from] == maskToken;
      int to = from + 1;
      while (to < tokens.length && (tokens[to] == maskToken) == open) {
        to++;
      }
      if (open) {
        builder.gap(to - from);
      } else {
        builder.given(Arrays.copyOfRange(tokens, from, to));
      }
      from = to;
    }
    return builder.build();
  }

  /**
   * Starts an empty canvas.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Positions of the whole sequence.
   *
   * @return the count
   */
  public int length() {
    return given.size() + openLength();
  }

  /**
   * Positions of all gaps together.
   *
   * @return the count, at least 1
   */
  public int openLength() {
    return gaps.stream().mapToInt(Gap::length).sum();
  }

  /**
   * Tokens before the first gap.
   *
   * @return the count
   */
  public int promptLength() {
    return gaps.get(0).start();
  }

  /**
   * The positions of all gaps.
   *
   * @return the positions
   */
  public Positions open() {
    return Positions.of(
        gaps.stream().flatMapToInt(gap -> IntStream.range(gap.start(), gap.end())).toArray());
  }

  /**
   * The sequence with a mask at every position of a gap.
   *
   * @param maskToken the mask
   * @return a new array
   */
  public int[] tokens(int maskToken) {
    int[] tokens = new int[length()];
    int next = 0;
    int at = 0;
    for (Gap gap : gaps) {
      while (at < gap.start()) {
        tokens[at++] = given.get(next++);
      }
      Arrays.fill(tokens, at, gap.end(), maskToken);
      at = gap.end();
    }
    while (at < tokens.length) {
      tokens[at++] = given.get(next++);
    }
    return tokens;
  }

  /** Collects a canvas from left to right. */
  public static final class Builder {

    private final ImmutableIntArray.Builder given = ImmutableIntArray.builder();
    private final ImmutableList.Builder<Gap> gaps = ImmutableList.builder();
    private int length;

    private Builder() {}

    /**
     * Appends tokens that stay as they are.
     *
     * @param tokens their ids
     * @return this builder
     */
    public Builder given(int... tokens) {
      given.addAll(tokens);
      length += tokens.length;
      return this;
    }

    /**
     * Appends a gap.
     *
     * @param positions how many tokens fit in, at least 1
     * @return this builder
     * @throws IllegalArgumentException if there is none, or the canvas becomes too long
     */
    public Builder gap(int positions) {
      Gap gap = new Gap(length, positions);
      gaps.add(gap);
      length = gap.end();
      return this;
    }

    /**
     * Builds the canvas.
     *
     * @return the canvas
     * @throws IllegalArgumentException if there is no gap
     */
    public Canvas build() {
      return new Canvas(given.build().asList(), gaps.build());
    }
  }

  /**
   * Neighbouring positions of a sequence that are to be decided.
   *
   * @param start the first of them
   * @param length how many they are
   */
  public record Gap(int start, int length) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the start is negative, there is no position, or the end
     *     is more than an int holds
     */
    public Gap {
      checkArgument(start >= 0, "a gap's start must not be negative but is %s", start);
      checkArgument(length >= 1, "a gap must have at least 1 position but has %s", length);
      checkArgument(
          length <= Integer.MAX_VALUE - start,
          "a gap of %s positions from %s on is longer than any sequence can be",
          length,
          start);
    }

    /**
     * The position behind the last one.
     *
     * @return start + length
     */
    public int end() {
      return start + length;
    }
  }
}
