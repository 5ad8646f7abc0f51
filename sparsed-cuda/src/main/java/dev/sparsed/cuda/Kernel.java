package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.util.Locale;

/**
 * One kernel of this library: where it is, and how it wants to be launched. Threads and shared
 * memory repeat the tile plans of the CUDA sources (AttentionTiles, KeyPassTiles); a test compares
 * the two for every kernel.
 *
 * @param name the function's name
 * @param unit the source file that holds it among others, and the name of its packaged image
 * @param program a program that holds this kernel alone, for compilation at run time
 * @param threads threads per block
 * @param sharedBytes dynamic shared memory per block
 * @param queriesPerBlock query rows (or score rows) that one block computes
 */
record Kernel(
    String name, String unit, String program, int threads, int sharedBytes, int queriesPerBlock) {

  /** The sizes that there are kernels for. */
  static final KernelSizes SIZES = KernelSizes.packaged();

  private static final int KEY_PASS_ROWS = 128;
  private static final int STRIPE_BYTES = 2 * 2 * 64 * 4;
  private static final int WARP = 32;
  private static final int FLOAT32_WARPS = 4;

  /** The block size of the largest tiles, with kernels for everything that there are any for. */
  static int largestBlock() {
    return SIZES.blockSizes().last();
  }

  static boolean onTensorCores(ElementType type) {
    return type != ElementType.FLOAT32;
  }

  static Kernel attention(ElementType type, int headDimension, BlockShape blocks) {
    checkHeadDimension(type, headDimension);
    checkBlocks(type, blocks);
    if (type == ElementType.FLOAT32) {
      return float32("attention_f32", FLOAT32_WARPS);
    }
    int blockSize = blocks.queryTokens();
    String function = blocks.isSquare() ? "attention" : "gather";
    int rowsPerWarp = blockSize >= 32 && headDimension <= 128 ? 32 : 16;
    int rowWarps = blockSize / rowsPerWarp;
    int keyWarps = Math.min(Math.max(1, 4 / rowWarps), headDimension == 256 ? 2 : 4);
    int warpKeys;
    if (headDimension == 256) {
      warpKeys = blockSize == 64 ? 32 : 16;
    } else if (blockSize < 64) {
      warpKeys = 16;
    } else {
      warpKeys = blockSize == 128 && headDimension == 64 ? 64 : 32;
    }
    int rowBytes = headDimension * type.bytes();
    return new Kernel(
        String.format(
            Locale.ROOT, "%s_%s_d%d_b%d", function, type.shortName(), headDimension, blockSize),
        function + "_" + type.shortName(),
        String.format(
            Locale.ROOT,
            "#include \"block_sparse_attention.cuh\"%nSPARSED_%s_KERNEL(%s, %s, %d, %d)%n",
            function.toUpperCase(Locale.ROOT),
            type.shortName(),
            structName(type),
            headDimension,
            blockSize),
        rowWarps * keyWarps * WARP,
        blockSize * rowBytes + 4 * warpKeys * keyWarps * rowBytes,
        blockSize);
  }

  static Kernel rowLogSumExp(ElementType type, int headDimension) {
    checkHeadDimension(type, headDimension);
    return type == ElementType.FLOAT32
        ? float32("row_log_sum_exp_f32", FLOAT32_WARPS)
        : keyPass("row_log_sum_exp", "ROW_LOG_SUM_EXP", type, headDimension, 0);
  }

  static Kernel blockScores(ElementType type, int headDimension, BlockShape blocks) {
    checkHeadDimension(type, headDimension);
    checkBlocks(type, blocks);
    if (type == ElementType.FLOAT32) {
      return float32("block_scores_f32", blocks.queryTokens());
    }
    return blocks.isSquare()
        ? keyPass("block_scores", "BLOCK_SCORES", type, headDimension, STRIPE_BYTES)
        : narrowScores(type, blocks.queryTokens());
  }

  /**
   * Scores of key blocks of another size than the query blocks; one block computes one of these.
   */
  private static Kernel narrowScores(ElementType type, int queriesPerBlock) {
    return new Kernel(
        "narrow_scores_" + type.shortName(),
        "pattern",
        String.format(
            Locale.ROOT,
            "#include \"narrow_scores.cuh\"%nSPARSED_NARROW_SCORES_KERNEL(%s, %s)%n",
            type.shortName(),
            structName(type)),
        4 * WARP,
        0,
        queriesPerBlock);
  }

  static Kernel selectBlocks() {
    return new Kernel(
        "select_blocks",
        "pattern",
        String.format(Locale.ROOT, "#include \"select_blocks.cuh\"%nSPARSED_SELECT_KERNEL()%n"),
        4 * WARP,
        0,
        4);
  }

  /** Number of blocks that cover {@code rows} rows. */
  int blocks(int rows) {
    return (int) (((long) rows + queriesPerBlock - 1) / queriesPerBlock);
  }

  static boolean supports(ElementType type, int headDimension, BlockShape blocks) {
    return type == ElementType.FLOAT32
        ? headDimension <= SIZES.largestFloat32HeadDimension()
        : SIZES.headDimensions().contains(headDimension) && supports(blocks);
  }

  private static boolean supports(BlockShape blocks) {
    return SIZES.blockSizes().contains(blocks.queryTokens());
  }

  private static Kernel keyPass(
      String function, String macro, ElementType type, int headDimension, int extraBytes) {
    int tileKeys = headDimension == 256 ? 32 : 64;
    int rowsPerWarp = headDimension == 256 ? 16 : 32;
    int rowBytes = headDimension * type.bytes();
    return new Kernel(
        String.format(Locale.ROOT, "%s_%s_d%d", function, type.shortName(), headDimension),
        "pattern",
        String.format(
            Locale.ROOT,
            "#include \"%s.cuh\"%nSPARSED_%s_KERNEL(%s, %s, %d)%n",
            function,
            macro,
            type.shortName(),
            structName(type),
            headDimension),
        KEY_PASS_ROWS / rowsPerWarp * WARP,
        KEY_PASS_ROWS * rowBytes + 2 * tileKeys * rowBytes + extraBytes,
        KEY_PASS_ROWS);
  }

  private static Kernel float32(String name, int queriesPerBlock) {
    return new Kernel(
        name,
        "float32",
        String.format(Locale.ROOT, "#include \"float32.cuh\"%nSPARSED_FLOAT32_KERNELS()%n"),
        FLOAT32_WARPS * WARP,
        0,
        queriesPerBlock);
  }

  static String structName(ElementType type) {
    return type == ElementType.BFLOAT16 ? "Bf16" : "F16";
  }

  static void checkHeadDimension(ElementType type, int headDimension) {
    if (type == ElementType.FLOAT32) {
      checkArgument(
          headDimension <= SIZES.largestFloat32HeadDimension(),
          "the float32 kernels take head dimensions up to %s but got %s",
          SIZES.largestFloat32HeadDimension(),
          headDimension);
    } else {
      checkArgument(
          SIZES.headDimensions().contains(headDimension),
          "no %s kernel for head dimension %s; there are kernels for %s",
          type.shortName(),
          headDimension,
          SIZES.headDimensions());
    }
  }

  private static void checkBlocks(ElementType type, BlockShape blocks) {
    checkArgument(
        type == ElementType.FLOAT32 || supports(blocks),
        "no %s kernel for blocks of %s tokens; there are kernels for query blocks of %s",
        type.shortName(),
        blocks,
        SIZES.blockSizes());
  }
}
