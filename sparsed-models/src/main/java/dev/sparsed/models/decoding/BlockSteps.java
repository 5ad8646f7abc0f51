package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * How the steps of a generation are spread over its blocks: evenly, from left to right. A block
 * that is complete before its steps are used up has steps that commit nothing, and these are not
 * computed; so every step of every sequence of a batch belongs to the same block.
 *
 * @param promptLength position of the first block's first token
 * @param blockLength tokens per block, at least 1
 * @param stepsPerBlock steps per block, at least 1
 */
public record BlockSteps(int promptLength, int blockLength, int stepsPerBlock) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public BlockSteps {
    checkArgument(promptLength >= 0, "promptLength must not be negative but is %s", promptLength);
    checkArgument(blockLength >= 1, "blockLength must be at least 1 but is %s", blockLength);
    checkArgument(stepsPerBlock >= 1, "stepsPerBlock must be at least 1 but is %s", stepsPerBlock);
  }

  /**
   * Spreads steps over blocks.
   *
   * @param promptLength tokens of the prompt
   * @param generationLength tokens to generate
   * @param blockLength tokens per block, a divisor of the generation's length; empty for one block
   * @param steps steps in all, a multiple of the number of blocks
   * @return the blocks
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static BlockSteps of(
      int promptLength, int generationLength, OptionalInt blockLength, int steps) {
    int length = blockLength.orElse(generationLength);
    check(length, generationLength, steps);
    return new BlockSteps(promptLength, length, steps / (generationLength / length));
  }

  /** Requires that there is something to generate, and steps to do it in. */
  static void check(int generationLength, int steps) {
    checkArgument(
        generationLength >= 1, "generationLength must be at least 1 but is %s", generationLength);
    checkArgument(steps >= 1, "steps must be at least 1 but is %s", steps);
  }

  /** Requires that blocks divide the generation, and the steps divide evenly over the blocks. */
  static void check(int blockLength, int generationLength, int steps) {
    check(generationLength, steps);
    checkArgument(blockLength >= 1, "blockLength must be at least 1 but is %s", blockLength);
    checkArgument(
        generationLength % blockLength == 0,
        "the %s tokens to generate do not divide into blocks of %s",
        generationLength,
        blockLength);
    int blocks = generationLength / blockLength;
    checkArgument(
        steps % blocks == 0,
        "%s steps do not divide evenly over %s blocks of %s tokens",
        steps,
        blocks,
        blockLength);
  }

  /**
   * The same blocks after a prompt.
   *
   * @param prompt tokens of the prompt
   * @return the blocks
   */
  public BlockSteps after(int prompt) {
    return new BlockSteps(prompt, blockLength, stepsPerBlock);
  }

  /**
   * Where the block of a step begins.
   *
   * @param step the step, from 0
   * @return position of its first token
   */
  public int start(int step) {
    return promptLength + step / stepsPerBlock * blockLength;
  }

  /**
   * Where the block of a step ends.
   *
   * @param step the step, from 0
   * @return position after its last token
   */
  public int end(int step) {
    return start(step) + blockLength;
  }

  /**
   * Number of a step within its block.
   *
   * @param step the step, from 0
   * @return 0 for the block's first step
   */
  public int stepInBlock(int step) {
    return step % stepsPerBlock;
  }

  /**
   * Steps that the block has left.
   *
   * @param step the step, from 0
   * @return the count, the step itself included
   */
  public int stepsLeft(int step) {
    return stepsPerBlock - stepInBlock(step);
  }
}
