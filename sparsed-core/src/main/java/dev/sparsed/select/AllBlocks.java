package dev.sparsed.select;

import java.util.BitSet;

/** Every key block, whatever the scores: full attention written as a pattern. */
record AllBlocks() implements BlockSelector {

  @Override
  public ScoreScope scope() {
    return ScoreScope.NONE;
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    selected.set(0, row.grid().keyBlocks());
  }
}
