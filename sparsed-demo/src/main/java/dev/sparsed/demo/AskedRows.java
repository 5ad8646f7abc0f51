package dev.sparsed.demo;

import java.util.Arrays;

/** Where logits are read, as equally many rows of each text. */
final class AskedRows {

  private final int perText;
  private final long[] rows;
  private final long[] read;

  /**
   * Divides places by texts.
   *
   * @param places indices into the flattened [B * S], at least one [P]
   * @param texts B
   * @param length S
   */
  AskedRows(long[] places, int texts, int length) {
    int[] counts = new int[texts];
    for (long place : places) {
      counts[(int) place / length]++;
    }
    perText = Arrays.stream(counts).max().orElseThrow();
    rows = new long[texts * perText];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (long) (i / perText) * length;
    }
    read = new long[places.length];
    Arrays.fill(counts, 0);
    for (int i = 0; i < read.length; i++) {
      int text = (int) places[i] / length;
      int row = text * perText + counts[text]++;
      rows[row] = places[i];
      read[i] = row;
    }
  }

  /** How many rows of each text there are. */
  int perText() {
    return perText;
  }

  /**
   * Indices into the flattened [B * S], text by text; a text with fewer places than another is
   * filled up with its first row [B * perText].
   */
  long[] rows() {
    return rows;
  }

  /** For each place in its order where it stands in {@link #rows} [P]. */
  long[] read() {
    return read;
  }
}
