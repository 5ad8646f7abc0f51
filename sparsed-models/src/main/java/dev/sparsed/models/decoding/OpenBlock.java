package dev.sparsed.models.decoding;

/**
 * The first block of a sequence that still has masked positions, for decoders that stay in a block
 * until it is complete. A block is so many positions of the gaps, whatever is given between them.
 */
final class OpenBlock {

  private final MaskedSequence sequence;
  private final Positions generation;
  private final int blockLength;
  private int first;
  private int inBlock;

  /**
   * Begins with the first block.
   *
   * @param sequence the sequence
   * @param blockLength positions per block, a divisor of the generation's length
   */
  OpenBlock(MaskedSequence sequence, int blockLength) {
    this.sequence = sequence;
    this.generation = sequence.generation();
    this.blockLength = blockLength;
  }

  /**
   * The next step in it.
   *
   * @param number number of the step
   * @param scheduled its place in the attention schedule
   * @return the step
   */
  DecodingStep next(int number, int scheduled) {
    while (sequence.masked(start(), end()).length == 0) {
      first += blockLength;
      inBlock = 0;
    }
    return new DecodingStep(number, scheduled, start(), end(), inBlock++, false);
  }

  /** The end of what is complete up to the block, or of the block where it is complete too. */
  int settled() {
    return sequence.masked(start(), end()).length == 0 ? end() : start();
  }

  private int start() {
    return generation.at(first);
  }

  private int end() {
    return generation.at(first + blockLength - 1) + 1;
  }
}
