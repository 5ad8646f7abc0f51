package dev.sparsed.models.family.qwen;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.ConfidenceSource;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.SequenceBlocks;
import dev.sparsed.models.family.dream.DreamDecoding;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Fast-dLLM v2's decoding (arXiv 2509.26328) as its published model does it: block after block,
 * counted from the sequence's start, and within a block one small block after the other. A step
 * commits the surest position of its small block and all that are surer than the threshold. A
 * block's first token is predicted from the finished block before it, as an autoregressive model
 * would, and committed by itself. A request's number of steps plays no part.
 *
 * @param threshold confidence above which a step commits more than one position, 0 to 1
 * @param temperature of the candidates' choice; 0 for the most likely token, whose confidence is
 *     then that of temperature 1
 * @param topP above temperature 0 only the most likely tokens that together hold this probability
 *     are chosen from; empty for all
 * @param blockLength tokens per block
 * @param smallBlockLength tokens per small block, which divide a block
 */
public record FastDllmDecoding(
    double threshold,
    double temperature,
    OptionalDouble topP,
    int blockLength,
    int smallBlockLength)
    implements SequenceBlockDecoding {

  /** Tokens per block of the published models. */
  public static final int PUBLISHED_BLOCK_LENGTH = 32;

  /** What the published script for chatting asks for, and the model's own defaults. */
  public static final FastDllmDecoding DEFAULT =
      new FastDllmDecoding(0.9, 0, OptionalDouble.of(0.95), PUBLISHED_BLOCK_LENGTH, 8);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public FastDllmDecoding {
    checkArgument(
        threshold >= 0 && threshold <= 1, "threshold must be 0 to 1 but is %s", threshold);
    checkArgument(blockLength >= 1, "blockLength must be at least 1 but is %s", blockLength);
    checkArgument(
        smallBlockLength >= 1 && blockLength % smallBlockLength == 0,
        "smallBlockLength must divide the %s tokens of a block but is %s",
        blockLength,
        smallBlockLength);
    sampling(temperature, topP);
  }

  /** At temperature 0 nothing is drawn, and nothing is left out for it. */
  private static DreamDecoding sampling(double temperature, OptionalDouble topP) {
    return new DreamDecoding(
        DreamDecoding.Algorithm.MASKGIT_PLUS,
        temperature,
        temperature > 0 ? topP : OptionalDouble.empty(),
        OptionalInt.empty(),
        0,
        0.5);
  }

  /**
   * The same with other blocks.
   *
   * @param block tokens per block
   * @param small tokens per small block
   * @return the changed policy
   * @throws IllegalArgumentException if the small blocks do not divide the blocks
   */
  public FastDllmDecoding withBlocks(int block, int small) {
    return new FastDllmDecoding(threshold, temperature, topP, block, small);
  }

  /**
   * The same with another threshold.
   *
   * @param value confidence above which more is committed, 0 to 1
   * @return the changed policy
   * @throws IllegalArgumentException if it is out of range
   */
  public FastDllmDecoding withThreshold(double value) {
    return new FastDllmDecoding(value, temperature, topP, blockLength, smallBlockLength);
  }

  @Override
  public Optional<SequenceBlocks> sequenceBlocks() {
    return Optional.of(new SequenceBlocks(blockLength, blockLength));
  }

  @Override
  public boolean startsWithFirstToken() {
    return true;
  }

  @Override
  public Decoder decoder(DecodingContext context) {
    return new FastDllmDecoder(this, context);
  }

  @Override
  public Optional<ConfidenceSource> confidences() {
    return sampling(temperature, topP).confidences();
  }

  /** What chooses a block's first token, whatever the temperature: the most likely one. */
  static ConfidenceSource mostLikely() {
    return sampling(0, OptionalDouble.empty()).confidences().orElseThrow();
  }
}
