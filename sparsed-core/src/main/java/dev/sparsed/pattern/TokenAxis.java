package dev.sparsed.pattern;

import com.google.common.collect.ImmutableList;

/**
 * One side of a grid, along which a picture shows tokens. All blocks are drawn alike, the last one
 * too where it is short.
 *
 * @param name what the tokens are
 * @param length number of tokens
 * @param blocks number of blocks
 * @param blockSize tokens of a block
 */
record TokenAxis(String name, int length, int blocks, int blockSize) {

  private static final int[] STEPS = {1, 2, 5};

  static TokenAxis queries(BlockGrid grid) {
    return new TokenAxis("query", grid.queryLength(), grid.queryBlocks(), grid.blockSize());
  }

  static TokenAxis keys(BlockGrid grid) {
    return new TokenAxis("key", grid.keyLength(), grid.keyBlocks(), grid.blockSize());
  }

  /** Where one of so many parts of a line begins. */
  static int part(int part, int parts, int count) {
    return (int) ((long) part * count / parts);
  }

  /** First token of a block. */
  int token(int block) {
    return block * blockSize;
  }

  /** Where a block begins on a line of so many pixels. */
  int pixelOfBlock(int block, int pixels) {
    return part(block, blocks, pixels);
  }

  /** Where a token lies on a line of so many pixels. */
  int pixel(int token, int pixels) {
    return (int) (token / ((double) blocks * blockSize) * pixels);
  }

  /** Round numbers of tokens from 0 on, at least so many pixels apart on a line of some. */
  ImmutableList<Integer> ticks(int pixels, int apart) {
    double tokensApart = (double) blocks * blockSize * apart / pixels;
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
