package dev.sparsed.models.family.qwen;

import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.SequenceBlocks;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decoding whose blocks are the sequence's: of the generation, which may have any number of tokens,
 * there are none, and a block takes as many steps as it needs.
 */
interface SequenceBlockDecoding extends DecodingPolicy {

  @Override
  Optional<SequenceBlocks> sequenceBlocks();

  @Override
  default OptionalInt tokensPerBlock() {
    return OptionalInt.empty();
  }

  @Override
  default void check(int generationLength, int steps) {
    BlockSteps.check(generationLength, steps);
  }

  /** One per token, which is what is reported. */
  @Override
  default int totalSteps(int generationLength, int steps) {
    return generationLength;
  }
}
