package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Positions in a sequence, ascending and each once. Immutable. */
public final class Positions {

  private static final Positions NONE = new Positions(new int[0]);

  private final int[] values;

  private Positions(int[] values) {
    this.values = values;
  }

  /**
   * No position.
   *
   * @return the empty set
   */
  public static Positions none() {
    return NONE;
  }

  /**
   * Some positions.
   *
   * @param ascending positions from 0, each greater than the one before; copied
   * @return the set
   * @throws IllegalArgumentException if they are not ascending, or one is negative
   */
  public static Positions of(int... ascending) {
    for (int i = 0; i < ascending.length; i++) {
      checkArgument(
          ascending[i] >= 0 && (i == 0 || ascending[i] > ascending[i - 1]),
          "positions must be 0 or more, ascending and each once, but %s comes at index %s after %s",
          ascending[i],
          i,
          i == 0 ? "none" : ascending[i - 1]);
    }
    return new Positions(ascending.clone());
  }

  /**
   * All positions of a range.
   *
   * @param from first position, inclusive
   * @param to last position, exclusive
   * @return the set
   * @throws IllegalArgumentException if the range is reversed or starts below 0
   */
  public static Positions range(int from, int to) {
    checkArgument(from >= 0 && from <= to, "there is no range of positions %s to %s", from, to);
    return new Positions(IntStream.range(from, to).toArray());
  }

  /**
   * Number of positions.
   *
   * @return the count
   */
  public int size() {
    return values.length;
  }

  /**
   * Whether there is none.
   *
   * @return true if there is none
   */
  public boolean isEmpty() {
    return values.length == 0;
  }

  /**
   * One of the positions.
   *
   * @param index its index, 0 to {@link #size} - 1
   * @return the position
   * @throws IndexOutOfBoundsException if there is no such index
   */
  public int at(int index) {
    return values[index];
  }

  /**
   * The smallest position.
   *
   * @return the position
   * @throws IndexOutOfBoundsException if there is none
   */
  public int first() {
    return values[0];
  }

  /**
   * The largest position.
   *
   * @return the position
   * @throws IndexOutOfBoundsException if there is none
   */
  public int last() {
    return values[values.length - 1];
  }

  /**
   * Whether all positions from the first to the last are there.
   *
   * @return true for a range, and for none
   */
  public boolean isRange() {
    return values.length == 0 || last() - first() == values.length - 1;
  }

  /**
   * Whether a position is among these.
   *
   * @param position the position
   * @return true if it is
   */
  public boolean contains(int position) {
    return indexOf(position) >= 0;
  }

  /**
   * Whether others are all among these.
   *
   * @param others the others
   * @return true if they are
   */
  public boolean containsAll(Positions others) {
    return others.without(this).isEmpty();
  }

  /**
   * The index of a position.
   *
   * @param position the position
   * @return the index, or a negative number if the position is not among these
   */
  public int indexOf(int position) {
    return Arrays.binarySearch(values, position);
  }

  /**
   * Those of a range.
   *
   * @param from first position, inclusive
   * @param to last position, exclusive
   * @return those that are in it
   */
  public Positions within(int from, int to) {
    int start = insertion(from);
    return new Positions(Arrays.copyOfRange(values, start, Math.max(start, insertion(to))));
  }

  /**
   * Those of a range of indices.
   *
   * @param from first index, inclusive
   * @param to last index, exclusive
   * @return the positions at these indices
   * @throws IndexOutOfBoundsException if there are no such indices
   */
  public Positions slice(int from, int to) {
    return new Positions(Arrays.copyOfRange(values, from, to));
  }

  /**
   * These and others.
   *
   * @param others the others
   * @return the union
   */
  public Positions union(Positions others) {
    return others.isEmpty() ? this : merged(this, others);
  }

  private static Positions merged(Positions a, Positions b) {
    int[] all = new int[a.values.length + b.values.length];
    int size = 0;
    int i = 0;
    int j = 0;
    while (i < a.values.length || j < b.values.length) {
      int next =
          j == b.values.length || (i < a.values.length && a.values[i] < b.values[j])
              ? a.values[i++]
              : b.values[j++];
      if (size == 0 || all[size - 1] != next) {
        all[size++] = next;
      }
    }
    return new Positions(Arrays.copyOf(all, size));
  }

  /**
   * Those of which something is true.
   *
   * @param condition what has to be true
   * @return those positions
   */
  public Positions where(IntPredicate condition) {
    return new Positions(stream().filter(condition).toArray());
  }

  /**
   * Those that are not among others.
   *
   * @param others the others
   * @return the difference
   */
  public Positions without(Positions others) {
    return where(position -> !others.contains(position));
  }

  /**
   * Those that are among others too.
   *
   * @param others the others
   * @return the intersection
   */
  public Positions intersect(Positions others) {
    return where(others::contains);
  }

  /**
   * The positions.
   *
   * @return a stream of them, ascending
   */
  public IntStream stream() {
    return Arrays.stream(values);
  }

  /**
   * The positions.
   *
   * @return a new array, ascending
   */
  public int[] toArray() {
    return values.clone();
  }

  private int insertion(int position) {
    int index = Arrays.binarySearch(values, position);
    return index >= 0 ? index : -index - 1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Positions positions && Arrays.equals(values, positions.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** The positions, runs of them shortened, such as {@code [0-3, 7, 9-12]}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < values.length; ) {
      int end = i;
      while (end + 1 < values.length && values[end + 1] == values[end] + 1) {
        end++;
      }
      text.append(i == 0 ? "" : ", ").append(values[i]);
      if (end > i) {
        text.append('-').append(values[end]);
      }
      i = end + 1;
    }
    return text.append(']').toString();
  }
}
