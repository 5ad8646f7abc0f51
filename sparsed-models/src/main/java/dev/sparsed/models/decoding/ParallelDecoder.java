package dev.sparsed.models.decoding;

import java.util.function.IntUnaryOperator;

/**
 * Parallel decoding; see {@link ParallelDecoding}. A step is a forward pass, and there are as many
 * as it takes until nothing is masked.
 */
final class ParallelDecoder implements Decoder {

  private final ParallelDecoding policy;
  private final MaskedSequence sequence;
  private final SequenceEditor editor;
  private final TokenSampler sampler;
  private final OpenBlock block;
  private final IntUnaryOperator most;
  private int passes;
  private int committed;

  ParallelDecoder(ParallelDecoding policy, DecodingContext context) {
    this.policy = policy;
    this.sequence = context.sequence();
    this.editor = context.editor();
    this.sampler = policy.tokens(context.noise());
    int length = sequence.generationLength();
    this.block = new OpenBlock(sequence, policy.tokensPerBlock().orElse(length));
    int perStep = ParallelDecoding.tokensPerStep(length, context.steps());
    this.most =
        policy.tokensPerBlock().isPresent() ? masked -> masked : masked -> budget(masked, perStep);
  }

  /**
   * Most tokens that a pass over all positions may commit: the share of a step, and what earlier
   * passes left of theirs. When all shares are used up, positions are masked only where the model
   * predicted the mask itself.
   */
  private int budget(int masked, int perStep) {
    int length = sequence.generationLength();
    if (committed == length) {
      return masked;
    }
    return (int) Math.min(length, (long) perStep * passes) - committed;
  }

  @Override
  public boolean hasNext() {
    return sequence.masked().length > 0;
  }

  /** A step of the first block that is not complete. */
  @Override
  public DecodingStep next() {
    return block.next(passes++, sequence.generationLength() - sequence.masked().length);
  }

  @Override
  public Positions begin(DecodingStep step, Positions readable) {
    int end = commitsFirstToken(step) ? step.start() + 1 : step.end();
    return sequence.masked(readable, step.start(), end);
  }

  private boolean commitsFirstToken(DecodingStep step) {
    return step.inBlock() == 0 && policy.startsWithFirstToken();
  }

  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    Positions read = predictions.positions();
    int limit = most.applyAsInt(read.size());
    boolean repeats = wouldRepeat(step);
    int written = commit(predictions, limit);
    if (repeats && sequence.masked(read, step.start(), step.end()).equals(read)) {
      written = commit(predictions.forbidding(sequence.maskToken()), limit);
    }
    committed = Math.min(sequence.generationLength(), committed + written);
  }

  /**
   * Whether a pass that decides nothing, because the model predicts the mask, would be followed by
   * another like it for ever: the published code does not end then. After the first pass of a block
   * others may feed less, and passes over all positions use up their shares.
   */
  private boolean wouldRepeat(DecodingStep step) {
    return policy.tokensPerBlock().isPresent()
        ? step.inBlock() > 0
        : committed == sequence.generationLength();
  }

  /** Commits the most confident candidate and all others that are sure; how many these are. */
  private int commit(Predictions predictions, int limit) {
    Candidates candidates = predictions.choose(sampler);
    int[] ranked = candidates.mostConfident(limit);
    int count = 0;
    while (count < ranked.length
        && (count == 0 || policy.isSure(candidates.confidence(ranked[count])))) {
      editor.commit(predictions.positions().at(ranked[count]), candidates.token(ranked[count]));
      count++;
    }
    return count;
  }
}
