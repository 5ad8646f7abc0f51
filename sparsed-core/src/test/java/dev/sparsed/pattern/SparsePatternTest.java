package dev.sparsed.pattern;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class SparsePatternTest {

  @Provide
  Arbitrary<SparsePattern> patterns() {
    return Patterns.patterns();
  }

  @Provide
  Arbitrary<BlockGrid> grids() {
    return Patterns.grids();
  }

  @Property(tries = 200)
  void unionAndIntersectionAreThoseOfSets(
      @ForAll("grids") BlockGrid grid, @ForAll long seedA, @ForAll long seedB) {
    SparsePattern a = Patterns.random(grid, seedA);
    SparsePattern b = Patterns.random(grid, seedB);
    SparsePattern union = a.union(b);
    SparsePattern intersection = a.intersect(b);
    for (int row = 0; row < grid.rows(); row++) {
      for (int block = 0; block < grid.keyBlocks(); block++) {
        boolean inA = a.contains(row, block);
        boolean inB = b.contains(row, block);
        assertEquals(inA || inB, union.contains(row, block));
        assertEquals(inA && inB, intersection.contains(row, block));
      }
    }
    assertEquals(a.cells() + b.cells(), union.cells() + intersection.cells());
  }

  @Property(tries = 200)
  void setLawsHold(
      @ForAll("grids") BlockGrid grid, @ForAll long seedA, @ForAll long seedB, @ForAll long seedC) {
    SparsePattern a = Patterns.random(grid, seedA);
    SparsePattern b = Patterns.random(grid, seedB);
    SparsePattern c = Patterns.random(grid, seedC);
    SparsePattern empty = SparsePattern.builder(grid).build();
    SparsePattern dense = SparsePattern.dense(grid);
    assertEquals(a.union(b), b.union(a));
    assertEquals(a.intersect(b), b.intersect(a));
    assertEquals(a.union(b).union(c), a.union(b.union(c)));
    assertEquals(a.intersect(b).intersect(c), a.intersect(b.intersect(c)));
    assertEquals(a.intersect(b.union(c)), a.intersect(b).union(a.intersect(c)));
    assertEquals(a.union(b.intersect(c)), a.union(b).intersect(a.union(c)));
    assertEquals(a, a.union(a.intersect(b)));
    assertEquals(a, a.intersect(a.union(b)));
    assertEquals(a, a.union(a));
    assertEquals(a, a.intersect(a));
    assertEquals(a, a.union(empty));
    assertEquals(empty, a.intersect(empty));
    assertEquals(dense, a.union(dense));
    assertEquals(a, a.intersect(dense));
    assertEquals(a.union(b).hashCode(), b.union(a).hashCode());
  }

  @Property(tries = 100)
  void headsHoldTheirCells(@ForAll("patterns") SparsePattern pattern) {
    BlockGrid grid = pattern.grid();
    long cells = 0;
    for (int head = 0; head < grid.heads(); head++) {
      SparsePattern one = pattern.head(head);
      cells += one.cells();
      assertEquals(1, one.grid().heads());
      for (int item = 0; item < grid.batch(); item++) {
        for (int block = 0; block < grid.queryBlocks(); block++) {
          assertArrayEquals(
              pattern.keyBlocks(item, head, block), one.keyBlocks(item, 0, block), "" + head);
        }
      }
    }
    assertEquals(pattern.cells(), cells);
    assertThrows(IndexOutOfBoundsException.class, () -> pattern.head(grid.heads()));
    assertThrows(IndexOutOfBoundsException.class, () -> pattern.head(-1));
  }

  @Property(tries = 100)
  void overlapIsTheShareOfCommonCells(
      @ForAll("grids") BlockGrid grid, @ForAll long seedA, @ForAll long seedB) {
    SparsePattern a = Patterns.random(grid, seedA);
    SparsePattern b = Patterns.random(grid, seedB);
    SparsePattern empty = SparsePattern.builder(grid).build();
    double overlap = a.overlap(b);
    assertEquals(overlap, b.overlap(a));
    assertEquals(1, a.overlap(a));
    assertEquals(1, empty.overlap(empty));
    assertEquals(a.density(), a.overlap(SparsePattern.dense(grid)), 1e-12);
    assertEquals((double) a.intersect(b).cells(), overlap * a.union(b).cells(), 1e-6);
    SparsePattern other = SparsePattern.dense(grid.ofHeads(grid.heads() + 1));
    assertThrows(IllegalArgumentException.class, () -> a.overlap(other));
  }

  @Property(tries = 200)
  void everyFormHoldsTheSameCells(@ForAll("patterns") SparsePattern pattern) {
    BlockGrid grid = pattern.grid();
    int n = grid.keyBlocks();
    boolean[] mask = new boolean[grid.rows() * n];
    long cells = 0;
    boolean emptyRow = false;
    for (int row = 0; row < grid.rows(); row++) {
      int[] blocks = pattern.keyBlocks(row);
      assertEquals(blocks.length, pattern.count(row));
      for (int i = 0; i < blocks.length; i++) {
        assertEquals(true, i == 0 || blocks[i - 1] < blocks[i], "ascending");
        mask[row * n + blocks[i]] = true;
      }
      for (int block = 0; block < n; block++) {
        assertEquals(mask[row * n + block], pattern.contains(row, block));
      }
      cells += blocks.length;
      emptyRow |= blocks.length == 0;
    }
    assertEquals(cells, pattern.cells());
    assertEquals(cells / (double) mask.length, pattern.density(), 1e-12);
    assertEquals(emptyRow, pattern.hasEmptyRow());
    assertEquals(pattern, SparsePattern.fromMask(grid, mask));
    assertEquals(pattern, SparsePattern.fromWords(grid, words(pattern)));
  }

  @Property(tries = 100)
  void indicesNameTheSameCell(@ForAll("patterns") SparsePattern pattern) {
    BlockGrid grid = pattern.grid();
    int row = 0;
    for (int item = 0; item < grid.batch(); item++) {
      for (int head = 0; head < grid.heads(); head++) {
        for (int query = 0; query < grid.queryBlocks(); query++, row++) {
          assertEquals(row, grid.row(item, head, query));
          assertArrayEquals(pattern.keyBlocks(row), pattern.keyBlocks(item, head, query));
          for (int key = 0; key < grid.keyBlocks(); key++) {
            assertEquals(pattern.contains(row, key), pattern.contains(item, head, query, key));
          }
        }
      }
    }
    assertEquals(grid.rows(), row);
  }

  @Property(tries = 200)
  void restrictingKeysIsIntersectingColumns(
      @ForAll("patterns") SparsePattern pattern, @ForAll long seed) {
    BlockGrid grid = pattern.grid();
    Random random = new Random(seed);
    BitSet kept = new BitSet();
    // Bits beyond the grid are allowed and mean nothing.
    for (int block = 0; block < grid.keyBlocks() + 100; block++) {
      kept.set(block, random.nextBoolean());
    }
    SparsePattern restricted = pattern.restrictKeys(kept);
    assertEquals(grid, restricted.grid());
    for (int row = 0; row < grid.rows(); row++) {
      for (int block = 0; block < grid.keyBlocks(); block++) {
        assertEquals(
            pattern.contains(row, block) && kept.get(block), restricted.contains(row, block));
      }
    }
  }

  @Property(tries = 200)
  void aRangeOfQueriesKeepsItsRows(@ForAll("patterns") SparsePattern pattern, @ForAll long seed) {
    BlockGrid grid = pattern.grid();
    Random random = new Random(seed);
    int b = grid.blocks().queryTokens();
    int firstBlock = random.nextInt(grid.queryBlocks());
    int from = firstBlock * b;
    int to = from + 1 + random.nextInt(grid.queryLength() - from);
    SparsePattern part = pattern.queries(from, to);
    assertEquals(
        new BlockGrid(grid.batch(), grid.heads(), to - from, grid.keyLength(), grid.blocks()),
        part.grid());
    for (int item = 0; item < grid.batch(); item++) {
      for (int head = 0; head < grid.heads(); head++) {
        for (int block = 0; block < part.grid().queryBlocks(); block++) {
          assertArrayEquals(
              pattern.keyBlocks(item, head, firstBlock + block), part.keyBlocks(item, head, block));
        }
      }
    }
    int start = from + random.nextInt(grid.queryBlockLength(firstBlock));
    int end = from + grid.queryBlockLength(firstBlock);
    SparsePattern withinOneBlock = pattern.queries(start, end);
    assertEquals(1, withinOneBlock.grid().queryBlocks());
    assertArrayEquals(pattern.keyBlocks(0, 0, firstBlock), withinOneBlock.keyBlocks(0, 0, 0));
    assertSame(pattern, pattern.queries(0, grid.queryLength()));
  }

  @Property(tries = 200)
  void rangesOfCellsAreTheCellsOneByOne(@ForAll("grids") BlockGrid grid, @ForAll long seed) {
    Random random = new Random(seed);
    int row = random.nextInt(grid.rows());
    int to = random.nextInt(grid.keyBlocks() + 1);
    int from = random.nextInt(to + 1);
    SparsePatternBuilder oneByOne = SparsePattern.builder(grid);
    for (int block = from; block < to; block++) {
      oneByOne.set(row, block);
    }
    assertEquals(oneByOne.build(), SparsePattern.builder(grid).setRange(row, from, to).build());
  }

  @Property(tries = 50)
  void theDensePatternHasEveryCell(@ForAll("grids") BlockGrid grid) {
    SparsePattern dense = SparsePattern.dense(grid);
    assertEquals((long) grid.rows() * grid.keyBlocks(), dense.cells());
    assertEquals(1.0, dense.density());
    assertSame(dense, dense.requireNoEmptyRow());
  }

  @Example
  void settingARowReplacesIt() {
    BlockGrid grid = BlockGrid.square(1, 1, 200, 1);
    BitSet row = new BitSet();
    row.set(70);
    SparsePattern pattern = SparsePattern.builder(grid).setRange(3, 0, 200).setRow(3, row).build();
    assertArrayEquals(new int[] {70}, pattern.keyBlocks(3));
    assertEquals(1, pattern.cells());
  }

  private static long[] words(SparsePattern pattern) {
    long[] words = new long[(int) (pattern.byteSize() / Long.BYTES)];
    LongBuffer target = LongBuffer.wrap(words);
    pattern.copyWordsTo(target);
    assertFalse(target.hasRemaining());
    return words;
  }

  @Example
  void wordsThatDoNotFitAreNotWritten() {
    SparsePattern pattern = SparsePattern.dense(BlockGrid.square(1, 1, 8, 4));
    long[] words = new long[1];
    assertThrows(BufferOverflowException.class, () -> pattern.copyWordsTo(LongBuffer.wrap(words)));
    assertEquals(0, words[0]);
  }

  @Example
  void patternsAreNotChangedThroughWhatTheyHandOut() {
    BlockGrid grid = BlockGrid.square(1, 1, 8, 4);
    SparsePattern pattern = SparsePattern.dense(grid);
    Arrays.fill(pattern.keyBlocks(0), 1);
    long[] words = words(pattern);
    SparsePattern copy = SparsePattern.fromWords(grid, words);
    Arrays.fill(words, 0);
    assertEquals(SparsePattern.dense(grid), pattern);
    assertEquals(SparsePattern.dense(grid), copy);
  }

  @Example
  void anEmptyRowIsNamed() {
    BlockGrid grid = BlockGrid.square(2, 3, 40, 10);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      if (row != grid.row(1, 2, 3)) {
        builder.set(row, row % 4);
      }
    }
    String message =
        assertThrows(IllegalArgumentException.class, builder.build()::requireNoEmptyRow)
            .getMessage();
    assertEquals(
        "batch item 1, head 2, query block 3 of the pattern selects no key block; a softmax needs"
            + " at least one",
        message);
  }

  @Example
  void whatDoesNotFitIsRefused() {
    BlockGrid grid = BlockGrid.square(1, 2, 100, 10);
    SparsePattern pattern = SparsePattern.dense(grid);
    SparsePattern other = SparsePattern.dense(BlockGrid.square(1, 2, 99, 10));
    assertNotEquals(pattern, other);
    assertThrows(IllegalArgumentException.class, () -> pattern.union(other));
    assertThrows(IllegalArgumentException.class, () -> pattern.intersect(other));
    assertThrows(IllegalArgumentException.class, () -> pattern.queries(5, 15));
    assertThrows(IllegalArgumentException.class, () -> pattern.queries(5, 5));
    assertThrows(IndexOutOfBoundsException.class, () -> pattern.queries(90, 101));
    assertThrows(IndexOutOfBoundsException.class, () -> pattern.contains(20, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> pattern.contains(0, 10));
    assertThrows(IndexOutOfBoundsException.class, () -> pattern.contains(-1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> pattern.contains(0, 2, 0, 0));
    assertThrows(
        IllegalArgumentException.class, () -> SparsePattern.fromMask(grid, new boolean[199]));
    assertThrows(IllegalArgumentException.class, () -> SparsePattern.fromWords(grid, new long[19]));
    long[] beyond = new long[20];
    beyond[7] = 1L << 10;
    assertThrows(IllegalArgumentException.class, () -> SparsePattern.fromWords(grid, beyond));
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    BitSet tooLong = new BitSet();
    tooLong.set(10);
    assertThrows(IndexOutOfBoundsException.class, () -> builder.setRow(0, tooLong));
    assertThrows(IndexOutOfBoundsException.class, () -> builder.set(0, 10));
    assertThrows(IndexOutOfBoundsException.class, () -> builder.setRange(0, 5, 11));
    assertThrows(IndexOutOfBoundsException.class, () -> builder.setRange(20, 0, 0));
    builder.build();
    assertThrows(IllegalStateException.class, builder::build);
    assertThrows(IllegalStateException.class, () -> builder.set(0, 0));
  }

  /** 64k tokens in blocks of 128, a model of 28 layers with 28 heads. */
  @Example
  void thePatternsOfALongGenerationStaySmall() {
    BlockGrid grid = BlockGrid.square(1, 28, 64 * 1024, 128);
    long perLayer = SparsePattern.dense(grid).byteSize();
    assertEquals(28L * 512 * 512 / 8, perLayer);
    assertEquals(true, 28 * perLayer < 30L << 20, () -> 28 * perLayer + " bytes");
  }

  @Example
  void namesItsDensityAlikeInEveryLanguage() {
    SparsePattern pattern = Patterns.random(new BlockGrid(1, 2, 300, 300, 64), 5);
    String expected = pattern.toString();
    assertTrue(expected.matches(".*density=0\\.\\d{4}]"), expected);
    Locale before = Locale.getDefault();
    try {
      for (String language : new String[] {"de-DE", "ar-EG", "hi-IN-u-nu-deva"}) {
        Locale.setDefault(Locale.forLanguageTag(language));
        assertEquals(expected, pattern.toString(), language);
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
