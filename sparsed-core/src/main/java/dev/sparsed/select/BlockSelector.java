package dev.sparsed.select;

import java.util.BitSet;

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
}
