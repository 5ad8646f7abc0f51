package dev.sparsed.cuda;

import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.util.Locale;
import java.util.Optional;

/**
 * The kernels that Hopper has of its own, with warp groups' products: {@code hopper_*.cuh}. Threads
 * and shared memory repeat the plans there (HopperTiles, HopperPassTiles).
 */
final class HopperKernels {

  private static final int GROUP_THREADS = 128;
  private static final int TILE_KEYS = 128;
  private static final int PASS_ROWS = 256;
  private static final int PASS_SLOTS = 4;
  private static final int BARRIER_BYTES = 16;
  private static final int CELL_BYTES = 2 * 2 * 2 * 64 * 4;

  private HopperKernels() {}

  /** Whether a device runs them: they are for this one compute capability. */
  static boolean runOn(DeviceProperties device) {
    return device.major() == 9 && device.minor() == 0;
  }

  static Optional<Kernel> attention(ElementType type, int headDimension, BlockShape blocks) {
    if (!supports(type, headDimension, blocks)) {
      return Optional.empty();
    }
    int blockSize = blocks.queryTokens();
    int groups = blockSize == 128 ? 2 : 1;
    int items = groups == 1 ? 2 : 1;
    int tiles = groups == 1 ? 3 : 6;
    int rowBytes = headDimension * type.bytes();
    return Optional.of(
        new Kernel(
            String.format(
                Locale.ROOT,
                "hopper_attention_%s_d%d_b%d",
                type.shortName(),
                headDimension,
                blockSize),
            unit(type),
            String.format(
                Locale.ROOT,
                "#include \"hopper_attention.cuh\"%nSPARSED_HOPPER_ATTENTION_KERNEL(%s, %s, %d, %d)%n",
                type.shortName(),
                Kernel.structName(type),
                headDimension,
                blockSize),
            (groups + 1) * GROUP_THREADS,
            (64 * groups + tiles * TILE_KEYS) * rowBytes + tiles * items * BARRIER_BYTES,
            blockSize));
  }

  static Optional<Kernel> rowLogSumExp(ElementType type, int headDimension) {
    return keyPass("row_log_sum_exp", type, headDimension, 0);
  }

  static Optional<Kernel> blockScores(ElementType type, int headDimension, BlockShape blocks) {
    return blocks.isSquare() && Kernel.SIZES.blockSizes().contains(blocks.queryTokens())
        ? keyPass("block_scores", type, headDimension, CELL_BYTES)
        : Optional.empty();
  }

  private static Optional<Kernel> keyPass(
      String function, ElementType type, int headDimension, int extraBytes) {
    if (!supports(type, headDimension)) {
      return Optional.empty();
    }
    return Optional.of(
        new Kernel(
            String.format(
                Locale.ROOT, "hopper_%s_%s_d%d", function, type.shortName(), headDimension),
            unit(type),
            String.format(
                Locale.ROOT,
                "#include \"hopper_scores.cuh\"%nSPARSED_HOPPER_%s_KERNEL(%s, %s, %d)%n",
                function.toUpperCase(Locale.ROOT),
                type.shortName(),
                Kernel.structName(type),
                headDimension),
            (PASS_ROWS / 64 + 1) * GROUP_THREADS,
            (PASS_ROWS + PASS_SLOTS * TILE_KEYS) * headDimension * type.bytes()
                + PASS_SLOTS * BARRIER_BYTES
                + extraBytes,
            PASS_ROWS));
  }

  private static boolean supports(ElementType type, int headDimension) {
    return Kernel.onTensorCores(type)
        && Kernel.SIZES.hopperHeadDimensions().contains(headDimension);
  }

  private static boolean supports(ElementType type, int headDimension, BlockShape blocks) {
    return supports(type, headDimension)
        && blocks.isSquare()
        && Kernel.SIZES.hopperBlockSizes().contains(blocks.queryTokens());
  }

  private static String unit(ElementType type) {
    return "hopper_" + type.shortName();
  }
}
