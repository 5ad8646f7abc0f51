package dev.sparsed.report;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.nio.LongBuffer;

/**
 * The bits of one layer's pattern, to count with.
 *
 * @param grid the pattern's grid, of one sequence
 * @param words row after row, each padded to whole words; see {@link SparsePattern#copyWordsTo}
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, never handed out.
record LayerBits(BlockGrid grid, long[] words) {

  static LayerBits of(SparsePattern pattern) {
    long[] words = new long[Math.toIntExact(pattern.byteSize() / Long.BYTES)];
    pattern.copyWordsTo(LongBuffer.wrap(words));
    return new LayerBits(pattern.grid(), words);
  }

  int rowWords() {
    return (grid.keyBlocks() + Long.SIZE - 1) / Long.SIZE;
  }

  /** Index of the first word of a row of a head. */
  int row(int head, int queryBlock) {
    return (head * grid.queryBlocks() + queryBlock) * rowWords();
  }

  /** Share of a head's blocks that it reads. */
  double density(int head) {
    long read = 0;
    for (int at = row(head, 0); at < row(head + 1, 0); at++) {
      read += Long.bitCount(words[at]);
    }
    return read / ((double) grid.queryBlocks() * grid.keyBlocks());
  }

  /** Blocks of two heads over blocks of either; as {@link SparsePattern#overlap}. */
  double overlap(int head, LayerBits other, int otherHead) {
    long both = 0;
    long either = 0;
    int its = other.row(otherHead, 0);
    for (int at = row(head, 0); at < row(head + 1, 0); at++, its++) {
      both += Long.bitCount(words[at] & other.words[its]);
      either += Long.bitCount(words[at] | other.words[its]);
    }
    return either == 0 ? 1 : both / (double) either;
  }
}
