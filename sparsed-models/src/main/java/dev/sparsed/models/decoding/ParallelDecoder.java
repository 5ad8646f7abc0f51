package dev.sparsed.models.decoding;

import java.util.function.IntUnaryOperator;

/**
 * Parallel decoding; see {@link ParallelDecoding}. A step is a forward pass, and there are as many
 * as it takes until nothing is masked.
 */
final class ParallelDecoder implements Decoder {

  private final ParallelDecoding policy;
  private final MaskedSequence sequence;
  private final TokenRules rules;
  private final TokenSampler sampler;
  private final int blockLength;
  private final IntUnaryOperator most;
  private int blockStart;
  private int inBlock;
  private int passes;
  private int committed;
  private int[] read = {};

  ParallelDecoder(
      ParallelDecoding policy, MaskedSequence sequence, TokenRules rules, int steps, Noise noise) {
    this.policy = policy;
    this.sequence = sequence;
    this.rules = rules;
    this.sampler = policy.tokens(noise);
    this.blockLength = policy.tokensPerBlock().orElse(sequence.generationLength());
    this.blockStart = sequence.promptLength();
    int length = sequence.generationLength();
    int perStep = ParallelDecoding.tokensPerStep(length, steps);
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
    while (sequence.masked(blockStart, blockStart + blockLength).length == 0) {
      blockStart += blockLength;
      inBlock = 0;
    }
    int decided = sequence.generationLength() - sequence.masked().length;
    return new DecodingStep(
        passes++, decided, blockStart, blockStart + blockLength, inBlock++, false);
  }

  @Override
  public int[] begin(DecodingStep step, Positions readable) {
    int end = commitsFirstToken(step) ? step.start() + 1 : step.end();
    read = sequence.masked(readable, step.start(), end);
    return read;
  }

  private boolean commitsFirstToken(DecodingStep step) {
    return step.inBlock() == 0 && policy.startsWithFirstToken();
  }

  @Override
  public void commit(DecodingStep step, LogitSource logits) {
    Reading reading = new Reading(sequence, step.number(), read);
    int limit = most.applyAsInt(read.length);
    boolean repeats = wouldRepeat(step);
    int written = commit(Candidates.choose(logits, sampler, rules, reading), limit);
    if (repeats && sequence.decided(read).length == 0) {
      TokenRules decisive = rules.alsoForbidding(sequence.maskToken());
      written = commit(Candidates.choose(logits, sampler, decisive, reading), limit);
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
  private int commit(Candidates candidates, int limit) {
    int[] ranked = candidates.mostConfident(limit);
    int count = 0;
    while (count < ranked.length
        && (count == 0 || policy.isSure(candidates.confidence(ranked[count])))) {
      sequence.commit(read[ranked[count]], candidates.token(ranked[count]));
      count++;
    }
    return count;
  }
}
