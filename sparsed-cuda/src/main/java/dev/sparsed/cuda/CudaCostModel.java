package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;

/**
 * Estimated times of calls on a card, for the decision whether sparse attention pays off. Not
 * calibrated: no card has been measured yet. Rates are the arithmetic peak of the card's generation
 * times the share of it that kernels of each kind are expected to reach, so that only the ratios of
 * the estimates mean anything.
 *
 * @param device the card
 * @param type element type of the tensors
 * @param dense what computes full attention
 */
record CudaCostModel(DeviceProperties device, ElementType type, Dense dense)
    implements AttentionCost {

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
  private static final double LIBRARY_SHARE = 0.65;
  private static final double OWN_SHARE = 0.6;
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
        ? ownSeconds(shape, Kernel.largestBlock(), 1)
        : LAUNCH_SECONDS + shape.denseFlops() / (LIBRARY_SHARE * perSecond(libraryPerClock()));
  }

  @Override
  public double sparseSeconds(AttentionShape shape, BlockShape blocks, double density) {
    return ownSeconds(shape, blocks.queryTokens(), density)
        / (blocks.isSquare() ? 1 : GATHER_SHARE);
  }

  @Override
  public double selectSeconds(AttentionShape shape, BlockShape blocks) {
    double scores = SELECTION_PASSES / 2 * shape.denseFlops() / ownFlopsPerSecond();
    if (!blocks.isSquare()) {
      // The last pass is one without tensor cores.
      scores += shape.denseFlops() / 2 / (OWN_FLOAT32_SHARE * perSecond(FLOAT32_PER_CLOCK));
    }
    return KERNELS_OF_SELECTION * LAUNCH_SECONDS + scores;
  }

  private double ownSeconds(AttentionShape shape, int blockSize, double density) {
    return LAUNCH_SECONDS
        + density * shape.denseFlops() / (ownFlopsPerSecond() * blockShare(blockSize));
  }

  /** Small blocks read keys for fewer queries at a time. */
  private double blockShare(int blockSize) {
    if (type == ElementType.FLOAT32 || blockSize >= 128) {
      return 1;
    }
    return blockSize >= 64 ? 0.8 : blockSize >= 32 ? 0.5 : 0.3;
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
