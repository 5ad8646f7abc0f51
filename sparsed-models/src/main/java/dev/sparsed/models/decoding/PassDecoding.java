package dev.sparsed.models.decoding;

/**
 * A decoding that says after each forward pass what is decided, block after block and as many
 * passes as it takes until nothing is masked. The number of steps that is asked for plays no part;
 * attention policies count decided tokens instead of steps, as with {@link ParallelDecoding}.
 */
public interface PassDecoding extends DecodingPolicy {

  /**
   * Makes what decides for one sequence; it may hold state. Called by the generating thread when a
   * generation begins.
   *
   * @param context the sequence
   * @return called after each pass
   */
  DecidingPass pass(DecodingContext context);

  /**
   * Whether passes read those positions of the block too that are decided by now, to take tokens
   * back that the model no longer believes; but for the block's first one where a first step
   * {@linkplain #startsWithFirstToken commits that one only}.
   *
   * @return true to read the whole block
   */
  default boolean readsDecided() {
    return false;
  }

  @Override
  default void check(int generationLength, int steps) {
    BlockSteps.check(generationLength, steps);
    tokensPerBlock().ifPresent(length -> BlockSteps.checkBlocks(length, generationLength));
  }

  @Override
  default int totalSteps(int generationLength, int steps) {
    return generationLength;
  }

  @Override
  default Decoder decoder(DecodingContext context) {
    return new PassDecoder(this, context);
  }

  /** Decides what one forward pass is for. */
  @FunctionalInterface
  interface DecidingPass {

    /**
     * Called after a forward pass, by the generating thread. An exception ends the generation.
     *
     * @param predictions what the model predicts at the positions that are read; not to be kept
     * @param editor writes tokens, or takes them back; at least one, or the passes would never end
     */
    void decide(Predictions predictions, SequenceEditor editor);
  }
}
