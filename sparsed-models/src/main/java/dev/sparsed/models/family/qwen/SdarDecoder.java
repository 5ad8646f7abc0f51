package dev.sparsed.models.family.qwen;

import dev.sparsed.models.decoding.Candidates;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceEditor;
import dev.sparsed.models.decoding.TokenSampler;
import java.util.stream.IntStream;

/** SDAR's decoding; see {@link SdarDecoding}. */
final class SdarDecoder implements Decoder {

  private final SdarDecoding policy;
  private final MaskedSequence sequence;
  private final SequenceEditor editor;
  private final TokenSampler sampler;
  private int blockEnd;
  private int inBlock;
  private int steps;

  SdarDecoder(SdarDecoding policy, DecodingContext context) {
    this.policy = policy;
    this.sequence = context.sequence();
    this.editor = context.editor();
    this.sampler = policy.sampler(context.noise());
    this.blockEnd = end(sequence.promptLength());
  }

  /** The end of a position's block, within the sequence. */
  private int end(int position) {
    long end = (position / policy.blockLength() + 1L) * policy.blockLength();
    return (int) Math.min(end, sequence.tokens().length);
  }

  private int start() {
    return Math.max(
        sequence.promptLength(), (blockEnd - 1) / policy.blockLength() * policy.blockLength());
  }

  @Override
  public boolean hasNext() {
    return sequence.masked().length > 0;
  }

  @Override
  public DecodingStep next() {
    while (sequence.masked(start(), blockEnd).length == 0) {
      blockEnd = end(blockEnd);
      inBlock = 0;
    }
    int decided = sequence.generationLength() - sequence.masked().length;
    return new DecodingStep(steps++, decided, start(), blockEnd, inBlock++, false);
  }

  @Override
  public Positions begin(DecodingStep step, Positions readable) {
    return sequence.masked(readable, step.start(), step.end());
  }

  /** The mask is no token that the published code could do anything with. */
  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    Candidates candidates = predictions.forbidding(sequence.maskToken()).choose(sampler);
    int share = Math.min(candidates.rows(), share(step.inBlock()));
    for (int row : rows(candidates, share)) {
      editor.commit(predictions.positions().at(row), candidates.token(row));
    }
  }

  /** Evenly over the steps of a whole block, the first ones one more. */
  private int share(int step) {
    int length = policy.blockLength();
    int count = policy.stepsPerBlock();
    return step < count ? length / count + (step < length % count ? 1 : 0) : length;
  }

  private int[] rows(Candidates candidates, int share) {
    if (policy.remasking() == SdarRemasking.SEQUENTIAL) {
      return IntStream.range(0, share).toArray();
    }
    if (policy.remasking() == SdarRemasking.LOW_CONFIDENCE_DYNAMIC) {
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
