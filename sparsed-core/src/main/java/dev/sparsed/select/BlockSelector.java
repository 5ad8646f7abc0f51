package dev.sparsed.select;

import dev.sparsed.pattern.BlockGrid;
import java.util.BitSet;
import java.util.OptionalDouble;

/**
 * Chooses the key blocks that a query block attends to. Users may write their own.
 *
 * <p>In a step that selects, each layer asks for its rows one after the other, on the thread that
 * generates; layers come in their order, rows in any. One selector serves all generations that were
 * given it, at the same time too: it is stateless, or keeps its state apart by thread or sequence.
 * A selector must not wait for another generation of the same model: the two may share the forward
 * pass that waits for the selector, unless the model runs each generation's passes apart.
 *
 * <p>An exception of a selector ends the generation: it comes out of it as {@link
 * IllegalArgumentException} or {@link IllegalStateException} that names selector, layer and head,
 * with the selector's own as its cause. Memory is released, and what listeners were told before
 * stays told. A row without a block or with one beyond the grid ends it likewise.
 */
public interface BlockSelector {

  /**
   * Selects every key block, whatever the scores: full attention written as a pattern.
   *
   * @return the selector
   */
  static BlockSelector all() {
    return new AllBlocks();
  }

  /**
   * The scores this selector reads.
   *
   * @return the scope; with {@link ScoreScope#NONE} the rows that {@link #selectRow} gets hold no
   *     scores
   */
  ScoreScope scope();

  /**
   * Chooses the key blocks of one row.
   *
   * @param row the row's scores, valid only during this call
   * @param selected where to set the chosen key blocks; empty at the start of the call. At least
   *     one bit must be set, none beyond the grid
   */
  void selectRow(BlockScoreRow row, BitSet selected);

  /**
   * Chooses the key blocks of one row, knowing the layer and where the generation stands. This is
   * what is called; one that overrides it need not do anything useful in {@link
   * #selectRow(BlockScoreRow, BitSet)}.
   *
   * @param context the layer, the step and the layer's pattern so far, valid while the layer
   *     selects
   * @param row the row's scores, valid only during this call
   * @param selected where to set the chosen key blocks; empty at the start of the call. At least
   *     one bit must be set, none beyond the grid
   */
  default void selectRow(SelectionContext context, BlockScoreRow row, BitSet selected) {
    selectRow(row, selected);
  }

  /**
   * Share of a grid's blocks that this selector's patterns will hold, as far as that is known
   * before there are scores; an upper bound where it varies. Whether sparse attention pays off is
   * decided by it before the first step, and a selector that does not tell is taken to select every
   * block.
   *
   * @param grid the grid of a layer, of one head or of all of them
   * @param firstGenerationBlock first key block m of the generation part
   * @return 0 to 1, or empty if it depends on the scores; unless overridden, what the selector
   *     chooses for layer 0 where it needs no scores
   */
  default OptionalDouble expectedDensity(BlockGrid grid, int firstGenerationBlock) {
    return Selection.withoutScores(grid, firstGenerationBlock, this)
        .map(pattern -> OptionalDouble.of(pattern.density()))
        .orElse(OptionalDouble.empty());
  }
}
