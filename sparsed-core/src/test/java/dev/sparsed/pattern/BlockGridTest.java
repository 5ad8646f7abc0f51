package dev.sparsed.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class BlockGridTest {

  @Property
  void blocksCoverTheTokensExactly(
      @ForAll @IntRange(min = 1, max = 500) int length,
      @ForAll @IntRange(min = 1, max = 600) int blockSize) {
    BlockGrid grid = BlockGrid.square(1, 1, length, blockSize);
    int tokens = 0;
    for (int block = 0; block < grid.keyBlocks(); block++) {
      int size = grid.keyBlockLength(block);
      assertEquals(true, block == grid.keyBlocks() - 1 ? size >= 1 : size == blockSize);
      assertEquals(size, grid.queryBlockLength(block));
      tokens += size;
    }
    assertEquals(length, tokens);
  }

  /** The definition, word for word: the first i with S - i*b <= G, else n-1. */
  @Property
  void theBorderIsThePapers(
      @ForAll @IntRange(min = 1, max = 300) int length,
      @ForAll @IntRange(min = 1, max = 70) int blockSize,
      @ForAll @IntRange(max = 400) int generation) {
    BlockGrid grid = BlockGrid.square(1, 1, length, blockSize);
    int expected = grid.keyBlocks() - 1;
    for (int i = 0; i < grid.keyBlocks(); i++) {
      if (length - i * blockSize <= generation) {
        expected = i;
        break;
      }
    }
    assertEquals(expected, grid.firstGenerationBlock(generation));
  }

  @Example
  void bordersOfInterest() {
    BlockGrid grid = BlockGrid.square(1, 1, 100, 10);
    assertEquals(8, grid.firstGenerationBlock(20)); // at a block's edge
    assertEquals(8, grid.firstGenerationBlock(25)); // inside block 7, which is then prompt
    assertEquals(2, grid.firstGenerationBlock(80)); // generation longer than the prompt
    assertEquals(0, grid.firstGenerationBlock(100)); // no prompt
    assertEquals(0, grid.firstGenerationBlock(Integer.MAX_VALUE));
    assertEquals(9, grid.firstGenerationBlock(0)); // nothing to generate: the last block
    assertEquals(9, grid.firstGenerationBlock(3)); // less than a block
    assertEquals(0, BlockGrid.square(1, 1, 7, 10).firstGenerationBlock(3)); // one block
    assertThrows(IllegalArgumentException.class, () -> grid.firstGenerationBlock(-1));
  }

  @Example
  void sizesOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new BlockGrid(0, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new BlockGrid(1, 0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new BlockGrid(1, 1, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new BlockGrid(1, 1, 1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new BlockGrid(1, 1, 1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new BlockGrid(1 << 16, 1 << 15, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new BlockGrid(1, 2, 1 << 30, 1, 1));
  }

  @Example
  void theLargestSizesDoNotOverflow() {
    int max = Integer.MAX_VALUE;
    BlockGrid one = BlockGrid.square(1, 1, max, max);
    assertEquals(1, one.keyBlocks());
    assertEquals(max, one.keyBlockLength(0));
    assertEquals(1, SparsePattern.dense(one).queries(5, max).cells());
    BlockGrid two = BlockGrid.square(1, 1, max, max - 1);
    assertEquals(2, two.keyBlocks());
    assertEquals(1, two.keyBlockLength(1));
    assertEquals(2, SparsePattern.dense(two).queries(max - 1, max).cells());
    assertEquals(max, BlockGrid.square(1, 1, max, 1).rows());
    BlockGrid tooLarge = BlockGrid.square(1, 1, max, 1);
    assertThrows(IllegalArgumentException.class, () -> SparsePattern.builder(tooLarge));
  }

  @Example
  void keyBlocksMayBeSmallerThanQueryBlocks() {
    BlockGrid grid = new BlockGrid(1, 2, 100, 70, new BlockShape(32, 3));
    assertEquals(4, grid.queryBlocks());
    assertEquals(24, grid.keyBlocks());
    assertEquals(8, grid.rows());
    assertEquals(64, grid.firstQuery(2));
    assertEquals(69, grid.firstKey(23));
    assertEquals(4, grid.queryBlockLength(3));
    assertEquals(1, grid.keyBlockLength(23));
    // Tokens 50 on are generated; the block of tokens 48 to 50 is across the border.
    assertEquals(17, grid.firstGenerationBlock(20));
    assertThrows(IllegalStateException.class, grid::blockSize);
    assertThrows(IndexOutOfBoundsException.class, () -> grid.firstKey(24));
    assertThrows(IndexOutOfBoundsException.class, () -> grid.firstQuery(-1));
  }

  @Example
  void equalBlocksAreSaidInOneNumber() {
    BlockGrid grid = new BlockGrid(1, 2, 100, 70, 16);
    assertEquals(grid, new BlockGrid(1, 2, 100, 70, new BlockShape(16, 16)));
    assertEquals(16, grid.blockSize());
    assertEquals("16", grid.blocks().toString());
    assertEquals("16x1", new BlockShape(16, 1).toString());
    assertThrows(IllegalArgumentException.class, () -> new BlockShape(16, 0));
    assertThrows(IllegalArgumentException.class, () -> new BlockShape(0, 16));
  }
}
