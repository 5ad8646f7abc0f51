package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
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
record CpuCostModel(InstructionSet level, ElementType type, int threads) implements AttentionCost {

  // Seconds per call and thread: waking helpers, taking scratch memory.
  private static final double CALL_SECONDS = 30e-6;
  // Seconds per packed element of keys and values on one thread.
  private static final double PACK_SECONDS = 0.5e-9;
  // Seconds per score that the Java selector ranks.
  private static final double RANK_SECONDS = 20e-9;

  @Override
  public double denseSeconds(AttentionShape shape) {
    return attentionSeconds(shape, AttentionParameters.DENSE_BLOCK, 1, true);
  }

  @Override
  public double sparseSeconds(AttentionShape shape, int blockSize, double density) {
    return attentionSeconds(shape, blockSize, density, true);
  }

  /**
   * Time of building one pattern from scores, the selection in Java included. Where the score scale
   * is the attention's own, {@link CpuAttention#denseAndScores} shares the pass and is cheaper.
   *
   * @param shape the sizes
   * @param blockSize tokens per block
   * @return seconds
   */
  @Override
  public double selectSeconds(AttentionShape shape, int blockSize) {
    double cells = (double) shape.grid(blockSize).rows() * shape.grid(blockSize).keyBlocks();
    return attentionSeconds(shape, blockSize, 1, false) + 2 * RANK_SECONDS * cells;
  }

  private double attentionSeconds(
      AttentionShape shape, int blockSize, double density, boolean values) {
    double share = values ? 1 : 0.5;
    double flops = share * shape.denseFlops() * density;
    double packed =
        2.0
            * share
            * shape.batch()
            * shape.kvHeads()
            * shape.keyLength()
            * shape.headDimension()
            * packedShare(shape, blockSize, density);
    double work = flops / (flopsPerThread() * blockEfficiency(blockSize)) + packed * PACK_SECONDS;
    return CALL_SECONDS + work / threads;
  }

  /** Share of the key blocks that some row selects, if rows choose independently. */
  private static double packedShare(AttentionShape shape, int blockSize, double density) {
    double rows = Math.ceil((double) shape.queryLength() / blockSize);
    rows *= (double) shape.heads() / shape.kvHeads();
    return 1 - Math.pow(1 - density, rows);
  }

  /**
   * Multiplications and additions per second and thread, the softmax between them included. Shown
   * by the benchmark for the first two levels; four fifths and, for AMX, half of the peak for the
   * others, which no machine at hand has.
   */
  private double flopsPerThread() {
    boolean narrow = type == ElementType.BFLOAT16;
    return switch (level) {
      case BASELINE -> 24e9;
      case AVX2 -> 80e9;
      case AVX512 -> 170e9;
      case AVX512_BF16 -> narrow ? 340e9 : 170e9;
      case AMX -> narrow ? 1600e9 : 170e9;
    };
  }

  /**
   * Share of the rate that small blocks reach: keys are padded to panels of 16, and query rows
   * below one group of the level leave its registers idle.
   */
  private double blockEfficiency(int blockSize) {
    boolean narrow = type == ElementType.BFLOAT16;
    int group =
        switch (level) {
          case BASELINE -> 2;
          case AVX2 -> 6;
          case AVX512, AVX512_BF16 -> 12;
          case AMX -> narrow ? 32 : 12;
        };
    double padding = blockSize / (16.0 * Math.ceil(blockSize / 16.0));
    return padding * Math.min(1, (double) blockSize / group);
  }
}
