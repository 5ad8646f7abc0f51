package dev.sparsed.pattern;

import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random grids and patterns. */
final class Patterns {

  private Patterns() {}

  static Arbitrary<BlockGrid> grids() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 2),
            Arbitraries.integers().between(1, 3),
            Arbitraries.integers().between(1, 40),
            Arbitraries.integers().between(1, 300),
            blocks())
        .as(BlockGrid::new);
  }

  /** Of one size, or of two. */
  private static Arbitrary<BlockShape> blocks() {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, 40);
    return Arbitraries.oneOf(
        sizes.map(BlockShape::square), Combinators.combine(sizes, sizes).as(BlockShape::new));
  }

  static Arbitrary<SparsePattern> patterns() {
    return Combinators.combine(grids(), Arbitraries.longs()).as(Patterns::random);
  }

  /** Rows may be empty or full. */
  static SparsePattern random(BlockGrid grid, long seed) {
    Random random = new Random(seed);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      double density = random.nextInt(5) / 4.0;
      BitSet blocks = new BitSet();
      for (int block = 0; block < grid.keyBlocks(); block++) {
        blocks.set(block, random.nextDouble() < density);
      }
      builder.setRow(row, blocks);
    }
    return builder.build();
  }
}
