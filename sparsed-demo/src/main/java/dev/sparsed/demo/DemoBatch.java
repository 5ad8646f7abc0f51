package dev.sparsed.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Texts of equal length with some of their tokens masked, and what the masked ones were. */
final class DemoBatch {

  /** What an end-of-text token counts after the first: there are many, and they are easy. */
  private static final float FILLING_WEIGHT = 0.05f;

  /** Bounds of the rate at which an answer is masked; a rate above 1 counts as 1. */
  private static final double LOWEST_RATE = 0.1;

  private static final double HIGHEST_RATE = 1.3;

  /** A part of a text, from {@code first} to before {@code end}. */
  record Span(int first, int end) {}

  /** A text, where its tokens stand, and its answers, which may be masked. */
  static final class Row {

    private final long[] tokens;
    private final long[] positions;
    private final List<Span> answers;

    Row(long[] tokens, long[] positions, List<Span> answers) {
      this.tokens = tokens;
      this.positions = positions;
      this.answers = answers;
    }

    long[] tokens() {
      return tokens;
    }

    long[] positions() {
      return positions;
    }

    Span lastAnswer() {
      return answers.get(answers.size() - 1);
    }
  }

  private final int rows;
  private final long[] tokens;
  private final long[] positions;
  private final long[] places;
  private final long[] targets;
  private final float[] weights;

  private DemoBatch(
      int rows, long[] tokens, long[] positions, long[] places, long[] targets, float[] weights) {
    this.rows = rows;
    this.tokens = tokens;
    this.positions = positions;
    this.places = places;
    this.targets = targets;
    this.weights = weights;
  }

  private DemoBatch(List<Row> rows, List<Integer> masked, DemoTokenizer encoding) {
    int length = rows.get(0).tokens.length;
    long endOfText = encoding.specialToken(DemoTokenizer.END_OF_TEXT);
    this.rows = rows.size();
    tokens = new long[rows.size() * length];
    positions = new long[tokens.length];
    for (int row = 0; row < rows.size(); row++) {
      System.arraycopy(rows.get(row).tokens, 0, tokens, row * length, length);
      System.arraycopy(rows.get(row).positions, 0, positions, row * length, length);
    }
    places = new long[masked.size()];
    targets = new long[masked.size()];
    weights = new float[masked.size()];
    long[] original = tokens.clone();
    for (int i = 0; i < places.length; i++) {
      int place = masked.get(i);
      boolean filling = original[place] == endOfText && original[place - 1] == endOfText;
      places[i] = place;
      targets[i] = original[place];
      weights[i] = filling ? FILLING_WEIGHT : 1;
      tokens[place] = encoding.specialToken(DemoTokenizer.MASK);
    }
  }

  /**
   * Masks answers as LLaDA is trained (arXiv 2502.09992, Algorithm 2): each draws a rate, then each
   * of its tokens is masked with that probability.
   */
  static DemoBatch mask(List<Row> rows, DemoTokenizer encoding, Random random) {
    int length = rows.get(0).tokens.length;
    List<Integer> places = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      for (Span answer : rows.get(row).answers) {
        double rate = LOWEST_RATE + (HIGHEST_RATE - LOWEST_RATE) * random.nextDouble();
        for (int position = answer.first(); position < answer.end(); position++) {
          if (random.nextDouble() < rate) {
            places.add(row * length + position);
          }
        }
      }
    }
    if (places.isEmpty()) {
      places.add(rows.get(0).lastAnswer().first());
    }
    return new DemoBatch(rows, places, encoding);
  }

  /** Masks the last answer of each text whole. */
  static DemoBatch blank(List<Row> rows, DemoTokenizer encoding) {
    int length = rows.get(0).tokens.length;
    List<Integer> places = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      Span answer = rows.get(row).lastAnswer();
      for (int position = answer.first(); position < answer.end(); position++) {
        places.add(row * length + position);
      }
    }
    return new DemoBatch(rows, places, encoding);
  }

  /**
   * The same texts in batches of a few each. Texts without a masked token are left out.
   *
   * @param most tokens of a part at most, unless one text has more
   */
  List<DemoBatch> parts(int most) {
    int length = tokens.length / rows;
    int rowsPerPart = Math.max(1, most / length);
    List<DemoBatch> parts = new ArrayList<>();
    int from = 0;
    for (int row = 0; row < rows; row += rowsPerPart) {
      int first = row * length;
      int end = Math.min(rows, row + rowsPerPart) * length;
      int to = from;
      while (to < places.length && places[to] < end) {
        to++;
      }
      if (to > from) {
        parts.add(
            new DemoBatch(
                (end - first) / length,
                Arrays.copyOfRange(tokens, first, end),
                Arrays.copyOfRange(positions, first, end),
                Arrays.stream(places, from, to).map(place -> place - first).toArray(),
                Arrays.copyOfRange(targets, from, to),
                Arrays.copyOfRange(weights, from, to)));
      }
      from = to;
    }
    return parts;
  }

  /** The sum of what the masked tokens count. */
  double weight() {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    return sum;
  }

  /** How many texts there are. */
  int rows() {
    return rows;
  }

  /** Token ids with masks, [rows, length] flattened. */
  long[] tokens() {
    return tokens;
  }

  /** Where each token stands, for the rotary angles, [rows, length] flattened. */
  long[] positions() {
    return positions;
  }

  /** Indices of the masked tokens in {@link #tokens}, ascending, [P]. */
  long[] places() {
    return places;
  }

  /** Ids of what was masked, [P]. */
  long[] targets() {
    return targets;
  }

  /** What each masked token counts in the loss, [P]. */
  float[] weights() {
    return weights;
  }
}
