package dev.sparsed.pattern;

import com.google.common.collect.ImmutableList;

/**
 * What a picture shows of a grid: a number for every block of every head, and the words around it.
 */
interface BlockMap {

  /** The grid. */
  BlockGrid grid();

  /** What stands above all heads; may be empty. */
  String title();

  /** What is said of the whole, below the title. */
  String summary();

  /** What stands above one head. */
  String caption(int head);

  /** First key block of the generation, before which a line is drawn; 0 for no line. */
  int firstGenerationBlock();

  /** The mean over a rectangle of blocks of one head, 0 (nothing) to 1 (all). */
  double mean(int head, int fromQuery, int toQuery, int fromKey, int toKey);

  /** The colours of the numbers. */
  ColourRamp colours();

  /** What the colours mean, in the order in which they are explained. */
  ImmutableList<Explained> legend();

  /** The number under one of {@code rows} x {@code columns} equal parts of a head. */
  default double part(int head, int row, int rows, int column, int columns) {
    int fromQuery = TokenAxis.part(row, rows, grid().queryBlocks());
    int toQuery = Math.max(fromQuery + 1, TokenAxis.part(row + 1, rows, grid().queryBlocks()));
    int fromKey = TokenAxis.part(column, columns, grid().keyBlocks());
    int toKey = Math.max(fromKey + 1, TokenAxis.part(column + 1, columns, grid().keyBlocks()));
    return mean(head, fromQuery, toQuery, fromKey, toKey);
  }

  /** The first token of the generation's first block. */
  default int firstGenerationToken() {
    return TokenAxis.keys(grid()).token(firstGenerationBlock());
  }

  /**
   * A range of numbers and what it means.
   *
   * @param from smallest number
   * @param to largest number; equal to {@code from} for a single colour
   * @param meaning in words
   */
  record Explained(double from, double to, String meaning) {}
}
