package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.SparsePattern;

/**
 * A pattern as compressed sparse rows.
 *
 * @param rowStarts where each row starts in the key blocks; one more entry than rows, the last one
 *     being the number of cells
 * @param keyBlocks key blocks of all rows in row order, ascending within a row
 */
@SuppressWarnings("ArrayRecordComponent") // Made, copied to the device and dropped.
record CompressedRows(int[] rowStarts, int[] keyBlocks) {

  static CompressedRows of(SparsePattern pattern) {
    checkArgument(
        pattern.cells() <= Integer.MAX_VALUE, "%s has too many cells for a list", pattern);
    int rows = pattern.grid().rows();
    int[] rowStarts = new int[rows + 1];
    int[] keyBlocks = new int[(int) pattern.cells()];
    for (int row = 0; row < rows; row++) {
      int[] blocks = pattern.keyBlocks(row);
      System.arraycopy(blocks, 0, keyBlocks, rowStarts[row], blocks.length);
      rowStarts[row + 1] = rowStarts[row] + blocks.length;
    }
    return new CompressedRows(rowStarts, keyBlocks);
  }
}
