package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;

/**
 * Estimated times of the kernels, from the rates that the benchmark showed
 * (docs/benchmarks/cpu.md).
 *
 * <p>A call costs its multiply-adds at the level's rate, the softmax on each computed score, the
 * packing of keys and values, and a constant for the call itself. What is compared are times of the
 * same level on the same machine, so that a machine faster or slower than the calibrated one
 * changes both sides alike.
 *
 * @param level instruction set
 * @param type format of the tensors
 * @param threads threads per call
 */
record CpuCostModel(InstructionSet level, ElementType type, int threads)
    implements AttentionBackend.AttentionCost {

  // Keys that the kernels take at once.
  private static final int PANEL = 16;
  // Seconds per call and thread: waking helpers, taking scratch memory.
  private static final double CALL_SECONDS = 30e-6;
  // Seconds per packed element of keys and values on one thread.
  private static final double PACK_SECONDS = 0.5e-9;
  // Seconds per score that the Java selector ranks.
  private static final double RANK_SECONDS = 20e-9;

  @Override
  public double denseSeconds(AttentionShape shape) {
    return attentionSeconds(shape, BlockShape.square(AttentionParameters.DENSE_BLOCK), 1, true);
  }

  @Override
  public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
    return attentionSeconds(shape, blocks, density, true);
  }

  /**
   * Time of building one pattern from scores, the selection in Java included. Where the score scale
   * is the attention's own, {@link CpuAttention#denseAndScores} shares the pass and is cheaper.
   *
   * @param shape the sizes
   * @param blocks tokens per query block and per key block
   * @return seconds
   */
  @Override
  public double selectSeconds(AttentionShape shape, BlockShape blocks) {
    double cells = (double) shape.grid(blocks).rows() * shape.grid(blocks).keyBlocks();
    // Key blocks that are parts of panels take one pass for the rows' sums and one for the scores.
    double passes = isByColumn(blocks) ? 2 : 1;
    BlockShape packed = isByColumn(blocks) ? new BlockShape(blocks.queryTokens(), PANEL) : blocks;
    return passes * attentionSeconds(shape, packed, 1, false) + 2 * RANK_SECONDS * cells;
  }

  private double attentionSeconds(
      AttentionShape shape, BlockShape blocks, double density, boolean values) {
    double share = values ? 1 : 0.5;
    double flops = share * shape.denseFlops() * density;
    double packed = 2 * share * shape.headDimension() * packedKeys(shape, blocks, density);
    double work = flops / (flopsPerThread() * blockEfficiency(blocks)) + packed * PACK_SECONDS;
    return CALL_SECONDS + work / threads;
  }

  /** Whether the kernels gather keys one by one, as key blocks would fill no panels. */
  private static boolean isByColumn(BlockShape blocks) {
    return blocks.keyTokens() < blocks.queryTokens() && blocks.keyTokens() % PANEL != 0;
  }

  /** How many keys are packed: once for all that read them, or gathered for each row. */
  private static double packedKeys(AttentionShape shape, BlockShape blocks, double density) {
    double rows = Math.ceil((double) shape.queryLength() / blocks.queryTokens());
    double keys = (double) shape.batch() * shape.kvHeads() * shape.keyLength();
    double rowsPerHead = rows * shape.heads() / shape.kvHeads();
    // Shared ones are those that some row selects, if rows choose independently.
    return keys
        * (isByColumn(blocks) ? rowsPerHead * density : 1 - Math.pow(1 - density, rowsPerHead));
  }

  /**
   * Multiplications and additions per second and thread, the softmax between them included, as the
   * benchmark showed them; for AMX half of the peak, as no machine at hand has it.
   */
  private double flopsPerThread() {
    boolean narrow = type == ElementType.BFLOAT16;
    return switch (level) {
      case BASELINE -> 24e9;
      case AVX2 -> 80e9;
      case AVX512 -> 220e9;
      case AVX512_BF16 -> narrow ? 420e9 : 220e9;
      case AMX -> narrow ? 1600e9 : 220e9;
    };
  }

  /**
   * Share of the rate that small blocks reach: keys are padded to panels of 16 where they are not
   * gathered, and query rows below one group of the level leave its registers idle.
   */
  private double blockEfficiency(BlockShape blocks) {
    boolean narrow = type == ElementType.BFLOAT16;
    int group =
        switch (level) {
          case BASELINE -> 2;
          case AVX2 -> 6;
          case AVX512, AVX512_BF16 -> 12;
          case AMX -> narrow ? 32 : 12;
        };
    int keys = blocks.keyTokens();
    double padding = isByColumn(blocks) ? 1 : keys / (PANEL * Math.ceil((double) keys / PANEL));
    return padding * Math.min(1, (double) blocks.queryTokens() / group);
  }
}
