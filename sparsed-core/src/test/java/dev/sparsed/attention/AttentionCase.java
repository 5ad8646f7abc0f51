package dev.sparsed.attention;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.reference.FloatTensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * One attention problem of the contract: sizes, and the seed of its random inputs.
 *
 * @param what what is special about the sizes
 * @param shape the sizes
 * @param blocks tokens per query block and per key block
 * @param seed seed of everything random
 */
public record AttentionCase(String what, AttentionShape shape, BlockShape blocks, long seed) {

  /**
   * A problem with query and key blocks of the same size.
   *
   * @param what what is special about the sizes
   * @param shape the sizes
   * @param blockSize tokens per block
   * @param seed seed of everything random
   */
  public AttentionCase(String what, AttentionShape shape, int blockSize, long seed) {
    this(what, shape, BlockShape.square(blockSize), seed);
  }

  /** Sizes as a function of the block size; a query length of 0 stands for all tokens. */
  private record Template(
      String what,
      int batch,
      int heads,
      int kvHeads,
      int queryBlocks,
      int wholeBlocks,
      double lastBlock) {}

  private static final List<Template> TEMPLATES =
      List.of(
          new Template("one block", 1, 2, 2, 0, 1, 0),
          new Template("block larger than the sequence", 1, 2, 1, 0, 0, 0.6),
          new Template("whole blocks", 1, 4, 4, 0, 4, 0),
          new Template("ragged last block, grouped heads", 1, 4, 2, 0, 5, 0.3),
          new Template("last block of one token", 1, 3, 1, 0, 3, 1e-9),
          new Template("batch of 2, seven heads share one", 2, 7, 1, 0, 3, 0.7),
          new Template("batch of 2, two groups of three", 2, 6, 2, 0, 2, 0.5),
          new Template("fewer queries than keys", 1, 4, 2, 2, 5, 0.4));

  /**
   * Every kind of sizes with every block size; the head dimensions take turns.
   *
   * @param headDimensions head dimensions that the backend supports
   * @param blockSizes block sizes that the backend supports
   * @return the cases
   */
  public static List<AttentionCase> all(int[] headDimensions, int[] blockSizes) {
    List<AttentionCase> cases = new ArrayList<>();
    for (int blockSize : blockSizes) {
      for (Template template : TEMPLATES) {
        int headDimension = headDimensions[cases.size() % headDimensions.length];
        int last = (int) Math.ceil(template.lastBlock() * blockSize);
        int keys = template.wholeBlocks() * blockSize + last;
        int queries = template.queryBlocks() == 0 ? keys : template.queryBlocks() * blockSize;
        AttentionShape shape =
            new AttentionShape(
                template.batch(),
                template.heads(),
                template.kvHeads(),
                queries,
                keys,
                headDimension);
        cases.add(new AttentionCase(template.what(), shape, blockSize, 1000 + cases.size()));
      }
    }
    return cases;
  }

  /**
   * Some kinds of sizes, by query tokens, with query and key blocks of different sizes; the head
   * dimensions take turns.
   *
   * @param headDimensions head dimensions that the backend supports
   * @param shapes query and key blocks that the backend supports
   * @return the cases
   */
  public static List<AttentionCase> unequal(int[] headDimensions, List<BlockShape> shapes) {
    List<AttentionCase> cases = new ArrayList<>();
    for (BlockShape blocks : shapes) {
      int q = blocks.queryTokens();
      List<AttentionShape> sizes =
          List.of(
              new AttentionShape(1, 4, 2, 2 * q + q / 3 + 1, 2 * q + q / 3 + 1, 1),
              new AttentionShape(2, 3, 1, q, 3 * q + 5, 1));
      for (AttentionShape size : sizes) {
        int headDimension = headDimensions[cases.size() % headDimensions.length];
        AttentionShape shape =
            new AttentionShape(
                size.batch(),
                size.heads(),
                size.kvHeads(),
                size.queryLength(),
                size.keyLength(),
                headDimension);
        String what =
            shape.queryLength() == shape.keyLength()
                ? "unequal blocks, uneven end, grouped heads"
                : "unequal blocks, fewer queries than keys";
        cases.add(new AttentionCase(what, shape, blocks, 5000 + cases.size()));
      }
    }
    return cases;
  }

  /**
   * The grid of this case's patterns.
   *
   * @return the grid
   */
  public BlockGrid grid() {
    return shape.grid(blocks);
  }

  /**
   * Normally distributed queries.
   *
   * @return queries [B, H, queryLength, D]
   */
  public FloatTensor query() {
    return TestTensors.normal(
        new Random(seed * 31 + 1),
        shape.batch(),
        shape.heads(),
        shape.queryLength(),
        shape.headDimension());
  }

  /**
   * Normally distributed keys.
   *
   * @return keys [B, Hkv, keyLength, D]
   */
  public FloatTensor key() {
    return keyOrValue(2);
  }

  /**
   * Normally distributed values.
   *
   * @return values [B, Hkv, keyLength, D]
   */
  public FloatTensor value() {
    return keyOrValue(3);
  }

  private FloatTensor keyOrValue(int salt) {
    return TestTensors.normal(
        new Random(seed * 31 + salt),
        shape.batch(),
        shape.kvHeads(),
        shape.keyLength(),
        shape.headDimension());
  }

  /**
   * A random pattern without empty rows: rows of one block, of all blocks, and between.
   *
   * @return the pattern
   */
  public SparsePattern pattern() {
    Random random = new Random(seed * 31 + 4);
    BlockGrid grid = grid();
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      BitSet blocks = new BitSet();
      double density = random.nextInt(4) / 3.0;
      for (int block = 0; block < grid.keyBlocks(); block++) {
        blocks.set(block, random.nextDouble() < density);
      }
      blocks.set(random.nextInt(grid.keyBlocks()));
      builder.setRow(row, blocks);
    }
    return builder.build();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: B=%d H=%d Hkv=%d Q=%d S=%d D=%d b=%s seed=%d",
        what,
        shape.batch(),
        shape.heads(),
        shape.kvHeads(),
        shape.queryLength(),
        shape.keyLength(),
        shape.headDimension(),
        blocks,
        seed);
  }
}
