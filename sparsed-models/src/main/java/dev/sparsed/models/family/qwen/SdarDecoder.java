package dev.sparsed.models.family.qwen;

import dev.sparsed.models.decoding.Candidates;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceBlocks;
import dev.sparsed.models.decoding.TokenSampler;
import java.util.stream.IntStream;

/** SDAR's decoding; see {@link SdarDecoding}. */
final class SdarDecoder extends SequenceBlockDecoder {

  private final SdarDecoding policy;
  private final SequenceBlocks blocks;
  private final TokenSampler sampler;

  SdarDecoder(SdarDecoding policy, DecodingContext context) {
    super(context);
    this.policy = policy;
    this.blocks = policy.sequenceBlocks().orElseThrow();
    this.sampler = policy.sampler(context.noise());
  }

  @Override
  Positions together(int position) {
    return blocks.around(position, sequence().generation());
  }

  /** The mask is no token that the published code could do anything with. */
  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    Candidates candidates = predictions.forbidding(sequence().maskToken()).choose(sampler);
    int share = Math.min(candidates.rows(), share(step.inBlock()));
    for (int row : rows(candidates, share)) {
      editor().commit(predictions.positions().at(row), candidates.token(row));
    }
  }

  /** Evenly over the steps of a whole block, the first ones one more. */
  private int share(int step) {
    int length = policy.blockLength();
    int count = policy.stepsPerBlock();
    return step < count ? length / count + (step < length % count ? 1 : 0) : length;
  }

  private int[] rows(Candidates candidates, int share) {
    if (policy.remasking() == SdarDecoding.Remasking.SEQUENTIAL) {
      return IntStream.range(0, share).toArray();
    }
    if (policy.remasking() == SdarDecoding.Remasking.LOW_CONFIDENCE_DYNAMIC) {
      int[] sure =
          IntStream.range(0, candidates.rows())
              .filter(row -> candidates.confidence(row) > policy.threshold())
              .toArray();
      if (sure.length >= share) {
        return sure;
      }
    }
    return candidates.mostConfident(share);
  }
}
