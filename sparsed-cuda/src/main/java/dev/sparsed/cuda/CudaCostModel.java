package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;

/**
 * Estimated times of calls on a card, for the decision whether sparse attention pays off. Rates are
 * the arithmetic peak of the card's generation times the share of it that kernels of each kind
 * reach: measured on an H200 (docs/benchmarks/gpu.md), expected on other generations, so that only
 * the ratios of the estimates mean anything there.
 *
 * @param device the card
 * @param type element type of the tensors
 * @param dense what computes full attention
 */
record CudaCostModel(DeviceProperties device, ElementType type, Dense dense)
    implements AttentionBackend.AttentionCost {

  /** What computes full attention. */
  enum Dense {
    /** These kernels, without a list of blocks. */
    OWN_KERNEL,
    /** A library with instructions for each generation of cards: cuDNN, or LibTorch's kernels. */
    FUSED_LIBRARY
  }

  // Queueing a kernel from Java, and filling and draining the card.
  private static final double LAUNCH_SECONDS = 10e-6;
  // Nominal; it is the same on both sides of every comparison but that with a launch.
  private static final double CLOCK_HERTZ = 1.5e9;
  // Shares of the peak.
  private static final double LIBRARY_SHARE = 0.76;
  private static final double OWN_SHARE = 0.6;
  // Of Hopper's own kernels, and of their passes for scores.
  private static final double HOPPER_SHARE = 0.75;
  private static final double HOPPER_SCORES_SHARE = 0.55;
  private static final double OWN_FLOAT32_SHARE = 0.1;
  // What looking up each key by itself leaves of the rate of whole blocks; not measured.
  private static final double GATHER_SHARE = 0.7;
  // Multiplications and additions per clock and multiprocessor without tensor cores.
  private static final int FLOAT32_PER_CLOCK = 256;
  // The same with mma.sync, of which cards after Ampere have faster successors.
  private static final int MMA_SYNC_PER_CLOCK = 2560;
  // Passes over queries and keys that selection takes: log-sum-exps over all and over the
  // generation's keys, then the scores. Each computes half of what attention does.
  private static final double SELECTION_PASSES = 2.5;
  private static final double KERNELS_OF_SELECTION = 4;

  @Override
  public double denseSeconds(AttentionShape shape) {
    return dense == Dense.OWN_KERNEL
        ? ownSeconds(shape, BlockShape.square(Kernel.largestBlock()), 1)
        : LAUNCH_SECONDS + shape.denseFlops() / (LIBRARY_SHARE * perSecond(libraryPerClock()));
  }

  @Override
  public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
    return ownSeconds(shape, blocks, density) / (blocks.isSquare() ? 1 : GATHER_SHARE);
  }

  @Override
  public double selectSeconds(AttentionShape shape, BlockShape blocks) {
    double perSecond =
        HopperKernels.runOn(device)
                && HopperKernels.blockScores(type, shape.headDimension(), blocks).isPresent()
            ? HOPPER_SCORES_SHARE * perSecond(libraryPerClock())
            : ownFlopsPerSecond();
    double scores = SELECTION_PASSES / 2 * shape.denseFlops() / perSecond;
    if (!blocks.isSquare()) {
      // The last pass is one without tensor cores.
      scores += shape.denseFlops() / 2 / (OWN_FLOAT32_SHARE * perSecond(FLOAT32_PER_CLOCK));
    }
    return KERNELS_OF_SELECTION * LAUNCH_SECONDS + scores;
  }

  private double ownSeconds(AttentionShape shape, BlockShape blocks, double density) {
    double perSecond =
        HopperKernels.runOn(device)
                && HopperKernels.attention(type, shape.headDimension(), blocks).isPresent()
            ? HOPPER_SHARE * perSecond(libraryPerClock())
            : ownFlopsPerSecond();
    return LAUNCH_SECONDS
        + density * shape.denseFlops() / (perSecond * blockShare(blocks.queryTokens()));
  }

  /** Small blocks read keys for fewer queries at a time. */
  private double blockShare(int blockSize) {
    if (type == ElementType.FLOAT32 || blockSize >= 128) {
      return 1;
    }
    return blockSize >= 64 ? 0.84 : blockSize >= 32 ? 0.42 : 0.3;
  }

  private double ownFlopsPerSecond() {
    return type == ElementType.FLOAT32
        ? OWN_FLOAT32_SHARE * perSecond(FLOAT32_PER_CLOCK)
        : OWN_SHARE * perSecond(Math.min(libraryPerClock(), MMA_SYNC_PER_CLOCK));
  }

  private double perSecond(int perClock) {
    return (double) device.multiprocessors() * CLOCK_HERTZ * perClock;
  }

  /** Multiplications and additions per clock and multiprocessor, in the best instructions. */
  private int libraryPerClock() {
    if (type == ElementType.FLOAT32) {
      return FLOAT32_PER_CLOCK;
    }
    return switch (device.major()) {
      case 8 -> device.minor() == 0 ? 2048 : 1024;
      case 9 -> 4096;
      case 10, 11 -> 8192;
      default -> 1024;
    };
  }
}
