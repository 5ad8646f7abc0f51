package dev.sparsed.select;

/** Receives block scores row by row, in any order, from one thread at a time. */
@FunctionalInterface
public interface BlockScoreConsumer {

  /**
   * Takes one row.
   *
   * @param row the scores of one query block, valid only during this call
   */
  void accept(BlockScoreRow row);
}
