package dev.sparsed.models.family.qwen;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.ConfidenceSource;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.decoding.SequenceBlocks;
import dev.sparsed.models.decoding.TokenSampler;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * SDAR's decoding (arXiv 2510.06303) as its published script does it: block after block, the blocks
 * counted from the sequence's start as the model's attention counts them, so that the first may
 * begin with the end of the prompt. A request's number of steps plays no part: a block takes as
 * many as it needs, at most {@code stepsPerBlock}.
 *
 * @param remasking which positions a step commits
 * @param threshold confidence above which {@code low_confidence_dynamic} commits more
 * @param temperature of the candidates' choice; 0 for the most likely token, whose confidence is
 *     then that of temperature 1
 * @param topP only the most likely tokens that together hold this probability are chosen from;
 *     empty for all
 * @param topK only this many of the most likely tokens are chosen from; empty for all
 * @param blockLength tokens per block
 * @param stepsPerBlock steps that a block is spread over, 1 to {@code blockLength}
 */
public record SdarDecoding(
    Remasking remasking,
    double threshold,
    double temperature,
    OptionalDouble topP,
    OptionalInt topK,
    int blockLength,
    int stepsPerBlock)
    implements SequenceBlockDecoding {

  /** Tokens per block of the first published models. */
  public static final int PUBLISHED_BLOCK_LENGTH = 4;

  /** The defaults of the published script. */
  public static final SdarDecoding DEFAULT =
      new SdarDecoding(
          Remasking.LOW_CONFIDENCE_DYNAMIC,
          0.85,
          1,
          OptionalDouble.empty(),
          OptionalInt.empty(),
          PUBLISHED_BLOCK_LENGTH,
          PUBLISHED_BLOCK_LENGTH);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public SdarDecoding {
    checkArgument(
        threshold >= 0 && threshold <= 1, "threshold must be 0 to 1 but is %s", threshold);
    checkArgument(blockLength >= 1, "blockLength must be at least 1 but is %s", blockLength);
    checkArgument(
        stepsPerBlock >= 1 && stepsPerBlock <= blockLength,
        "stepsPerBlock must be 1 to the %s tokens of a block but is %s",
        blockLength,
        stepsPerBlock);
    sampling(temperature, topP, topK);
  }

  private static DreamDecoding sampling(double temperature, OptionalDouble topP, OptionalInt topK) {
    return new DreamDecoding(DreamDecoding.Algorithm.MASKGIT_PLUS, temperature, topP, topK, 0, 0.5);
  }

  /**
   * The same with another length of blocks, each spread over as many steps.
   *
   * @param value tokens per block
   * @return the changed policy
   * @throws IllegalArgumentException if it is below 1
   */
  public SdarDecoding withBlockLength(int value) {
    return new SdarDecoding(remasking, threshold, temperature, topP, topK, value, value);
  }

  /**
   * The same with another temperature.
   *
   * @param value 0 for the most likely token
   * @return the changed policy
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public SdarDecoding withTemperature(double value) {
    return new SdarDecoding(remasking, threshold, value, topP, topK, blockLength, stepsPerBlock);
  }

  /**
   * What a family's models decode with by default, where that is this.
   *
   * @param family the family's name
   * @return the defaults
   */
  public FamilyDecoding asDefaultOf(String family) {
    return new SdarDefaults(family, this);
  }

  @Override
  public Optional<SequenceBlocks> sequenceBlocks() {
    return Optional.of(new SequenceBlocks(blockLength, stepsPerBlock));
  }

  @Override
  public Decoder decoder(DecodingContext context) {
    return new SdarDecoder(this, context);
  }

  @Override
  public Optional<ConfidenceSource> confidences() {
    return sampling(temperature, topP, topK).confidences();
  }

  /** Chooses candidates; their confidence is their probability among what is chosen from. */
  TokenSampler sampler(Noise noise) {
    return confidences().orElseThrow().sampler(noise);
  }

  /** Which of a block's masked positions a step of SDAR commits. */
  public enum Remasking {
    /** Those surer than the threshold, and at least as many as the step's share. */
    LOW_CONFIDENCE_DYNAMIC("low_confidence_dynamic"),
    /** As many as the step's share, the surest first. */
    LOW_CONFIDENCE_STATIC("low_confidence_static"),
    /** As many as the step's share, from left to right. */
    SEQUENTIAL("sequential");

    private final String publishedName;

    Remasking(String publishedName) {
      this.publishedName = publishedName;
    }

    /**
     * The strategy of a published name.
     *
     * @param publishedName such as {@code low_confidence_dynamic}
     * @return the strategy
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Remasking of(String publishedName) {
      for (Remasking remasking : values()) {
        if (remasking.publishedName.equals(publishedName)) {
          return remasking;
        }
      }
      throw new IllegalArgumentException(
          "SDAR's remasking must be low_confidence_dynamic, low_confidence_static or sequential but"
              + " is "
              + publishedName);
    }

    /**
     * The name in the published code.
     *
     * @return the name
     */
    public String publishedName() {
      return publishedName;
    }
  }
}
