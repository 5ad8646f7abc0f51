package dev.sparsed.pattern;

import com.google.common.collect.ImmutableList;

/**
 * One side of a grid, along which a picture shows tokens. All blocks are drawn alike, the last one
 * too where it is short.
 *
 * @param name what the tokens are
 * @param length number of tokens
 * @param blocks number of blocks
 * @param blockTokens tokens of a block
 * @param units its length in the grid's smaller blocks, so that tokens of both sides are drawn
 *     alike
 */
record TokenAxis(String name, int length, int blocks, int blockTokens, int units) {

  private static final int[] STEPS = {1, 2, 5};

  static TokenAxis queries(BlockGrid grid) {
    return new TokenAxis(
        "query",
        grid.queryLength(),
        grid.queryBlocks(),
        grid.blocks().queryTokens(),
        units(grid, grid.queryLength()));
  }

  static TokenAxis keys(BlockGrid grid) {
    return new TokenAxis(
        "key",
        grid.keyLength(),
        grid.keyBlocks(),
        grid.blocks().keyTokens(),
        units(grid, grid.keyLength()));
  }

  private static int units(BlockGrid grid, int length) {
    int unit = Math.min(grid.blocks().queryTokens(), grid.blocks().keyTokens());
    return (int) (((long) length + unit - 1) / unit);
  }

  /** Where one of so many parts of a line begins. */
  static int part(int part, int parts, int count) {
    return (int) ((long) part * count / parts);
  }

  /** First token of a block. */
  int token(int block) {
    return block * blockTokens;
  }

  /** Where a block begins on a line of so many pixels. */
  int pixelOfBlock(int block, int pixels) {
    return part(block, blocks, pixels);
  }

  /** Where a token lies on a line of so many pixels. */
  int pixel(int token, int pixels) {
    return (int) (token / ((double) blocks * blockTokens) * pixels);
  }

  /** Round numbers of tokens from 0 on, at least so many pixels apart on a line of some. */
  ImmutableList<Integer> ticks(int pixels, int apart) {
    double tokensApart = (double) blocks * blockTokens * apart / pixels;
    long step = step(tokensApart);
    ImmutableList.Builder<Integer> ticks = ImmutableList.builder();
    for (long token = 0; token < length; token += step) {
      ticks.add((int) token);
    }
    return ticks.build();
  }

  private static long step(double least) {
    for (long power = 1; ; power *= 10) {
      for (int digit : STEPS) {
        if (digit * power >= least) {
          return digit * power;
        }
      }
    }
  }
}
