package dev.sparsed.select;

import dev.sparsed.pattern.BlockGrid;
import java.util.BitSet;
import java.util.OptionalDouble;

/**
 * Chooses the key blocks that a query block attends to. Implementations are stateless and safe to
 * use from several threads; users may write their own.
 */
public interface BlockSelector {

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
   * Share of a grid's blocks that this selector's patterns will hold, as far as that is known
   * before there are scores; an upper bound where it varies. Whether sparse attention pays off is
   * decided by it before the first step, and a selector that does not tell is taken to select every
   * block.
   *
   * @param grid the grid of a layer, of one head or of all of them
   * @param firstGenerationBlock first key block m of the generation part
   * @return 0 to 1, or empty if it depends on the scores; unless overridden, what the selector
   *     chooses where it needs no scores
   */
  default OptionalDouble expectedDensity(BlockGrid grid, int firstGenerationBlock) {
    return Selection.withoutScores(grid, firstGenerationBlock, this)
        .map(pattern -> OptionalDouble.of(pattern.density()))
        .orElse(OptionalDouble.empty());
  }
}
