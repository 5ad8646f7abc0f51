package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class CompressedRowsTest {

  @Property(tries = 50)
  void holdsEveryRowsBlocks(@ForAll long seed) {
    Random random = new Random(seed);
    BlockGrid grid = BlockGrid.square(1, 2, 1 + random.nextInt(400), 3);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int i = 0; i < 300; i++) {
      builder.set(random.nextInt(grid.rows()), random.nextInt(grid.keyBlocks()));
    }
    SparsePattern pattern = builder.build();
    CompressedRows lists = CompressedRows.of(pattern);
    for (int row = 0; row < grid.rows(); row++) {
      int from = lists.rowStarts()[row];
      int[] blocks = new int[lists.rowStarts()[row + 1] - from];
      System.arraycopy(lists.keyBlocks(), from, blocks, 0, blocks.length);
      assertArrayEquals(pattern.keyBlocks(row), blocks);
    }
  }
}
