package dev.sparsed.models;

import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.SelectionContext;
import java.util.BitSet;

/**
 * A selector for models whose attention is causal over blocks: what another one chooses of the keys
 * before, and the block's own keys in any case, which are the last ones there are.
 *
 * @param selector chooses
 * @param blockLength tokens per block of the model's attention
 */
record OwnBlock(BlockSelector selector, int blockLength) implements BlockSelector {

  @Override
  public ScoreScope scope() {
    return selector.scope();
  }

  @Override
  public void selectRow(BlockScoreRow row, BitSet selected) {
    selector.selectRow(row, selected);
    addOwn(row, selected);
  }

  @Override
  public void selectRow(SelectionContext context, BlockScoreRow row, BitSet selected) {
    selector.selectRow(context, row, selected);
    addOwn(row, selected);
  }

  /** Of a block that the sequence's end cuts short, some tokens before it are read with it. */
  private void addOwn(BlockScoreRow row, BitSet selected) {
    int first = Math.max(0, row.grid().keyLength() - blockLength);
    selected.set(first / row.grid().blocks().keyTokens(), row.grid().keyBlocks());
  }
}
