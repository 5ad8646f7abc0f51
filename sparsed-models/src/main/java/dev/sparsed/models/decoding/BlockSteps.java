package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * How the steps of a generation are spread over its blocks: evenly, from left to right. A block is
 * so many positions of the generation, whatever is given between them. One that is complete before
 * its steps are used up has steps that commit nothing, and these are not computed.
 *
 * @param generation where tokens are generated
 * @param blockLength tokens per block, at least 1
 * @param stepsPerBlock steps per block, at least 1
 * @param blocks how many blocks there are, at least 1
 */
public record BlockSteps(Positions generation, int blockLength, int stepsPerBlock, int blocks) {

  /** Tokens per block in the published scripts that decode in blocks. */
  public static final int PUBLISHED_LENGTH = 32;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public BlockSteps {
    checkArgument(blockLength >= 1, "blockLength must be at least 1 but is %s", blockLength);
    checkArgument(stepsPerBlock >= 1, "stepsPerBlock must be at least 1 but is %s", stepsPerBlock);
    checkArgument(blocks >= 1, "blocks must be at least 1 but is %s", blocks);
    checkArgument(
        (long) blocks * blockLength == generation.size(),
        "%s blocks of %s tokens are not the %s tokens to generate",
        blocks,
        blockLength,
        generation.size());
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
    return of(Positions.range(promptLength, promptLength + generationLength), length, steps);
  }

  private static BlockSteps of(Positions generation, int length, int steps) {
    int blocks = generation.size() / length;
    return new BlockSteps(generation, length, steps / blocks, blocks);
  }

  /**
   * Spreads steps over the blocks of a sequence.
   *
   * @param sequence the sequence
   * @param blockLength tokens per block; empty for one block
   * @param steps steps in all, a multiple of the number of blocks
   * @return the blocks
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static BlockSteps of(MaskedSequence sequence, OptionalInt blockLength, int steps) {
    int length = blockLength.orElse(sequence.generationLength());
    check(length, sequence.generationLength(), steps);
    return of(sequence.generation(), length, steps);
  }

  /**
   * The published block length where it divides a generation, else one block.
   *
   * @param generationLength tokens to generate
   * @return tokens per block
   */
  public static int usualLength(int generationLength) {
    return generationLength % PUBLISHED_LENGTH == 0 ? PUBLISHED_LENGTH : generationLength;
  }

  /**
   * Requires that there is something to generate, and steps to do it in.
   *
   * @param generationLength tokens to generate
   * @param steps denoising steps
   * @throws IllegalArgumentException if one is below 1
   */
  public static void check(int generationLength, int steps) {
    checkArgument(
        generationLength >= 1, "generationLength must be at least 1 but is %s", generationLength);
    checkArgument(steps >= 1, "steps must be at least 1 but is %s", steps);
  }

  /**
   * Requires that blocks divide the generation, and the steps divide evenly over the blocks.
   *
   * @param blockLength tokens per block
   * @param generationLength tokens to generate
   * @param steps denoising steps
   * @throws IllegalArgumentException if they do not
   */
  public static void check(int blockLength, int generationLength, int steps) {
    checkBlocks(blockLength, generationLength);
    check(generationLength, steps);
    int blocks = generationLength / blockLength;
    checkArgument(
        steps % blocks == 0,
        "steps must be a multiple of the %s blocks of %s tokens but is %s; %s would do",
        blocks,
        blockLength,
        steps,
        neighbours(steps, blocks));
  }

  /** Requires that blocks divide the generation. */
  static void checkBlocks(int blockLength, int generationLength) {
    checkArgument(
        generationLength >= 1, "generationLength must be at least 1 but is %s", generationLength);
    checkArgument(blockLength >= 1, "blockLength must be at least 1 but is %s", blockLength);
    checkArgument(
        generationLength % blockLength == 0,
        "the %s tokens to generate do not divide into blocks by a blockLength of %s; %s tokens would,"
            + " or a blockLength of %s",
        generationLength,
        blockLength,
        neighbours(generationLength, blockLength),
        largestDivisor(generationLength, blockLength));
  }

  /** The multiples of a number on both sides of another, such as "96 or 128". */
  private static String neighbours(int number, int of) {
    long above = ((long) number / of + 1) * of;
    String below = number < of ? "" : number / of * of + " or ";
    return below + above;
  }

  /** The largest divisor of a number that is no larger than a limit, or the number itself. */
  static int largestDivisor(int number, int limit) {
    if (limit >= number) {
      return number;
    }
    int divisor = limit;
    while (number % divisor != 0) {
      divisor--;
    }
    return divisor;
  }

  /**
   * The same blocks elsewhere.
   *
   * @param positions where as many tokens are generated
   * @return the blocks
   * @throws IllegalArgumentException if they are not as many
   */
  public BlockSteps over(Positions positions) {
    return new BlockSteps(positions, blockLength, stepsPerBlock, blocks);
  }

  /**
   * Number of steps in all.
   *
   * @return the count
   */
  public int total() {
    return stepsPerBlock * blocks;
  }

  /**
   * One of the steps.
   *
   * @param number the step, from 0
   * @return what it decodes
   */
  public DecodingStep step(int number) {
    int first = number / stepsPerBlock * blockLength;
    int start = generation.at(first);
    int end = generation.at(first + blockLength - 1) + 1;
    int inBlock = number % stepsPerBlock;
    return new DecodingStep(number, number, start, end, inBlock, inBlock == stepsPerBlock - 1);
  }
}
