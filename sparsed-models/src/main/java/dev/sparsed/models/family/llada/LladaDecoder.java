package dev.sparsed.models.family.llada;

import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.Candidates;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.LogitSource;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.TokenRules;
import java.util.Arrays;
import java.util.Comparator;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** LLaDA's decoding; see {@link LladaDecoding}. */
final class LladaDecoder implements Decoder {

  private final LladaDecoding policy;
  private final MaskedSequence sequence;
  private final TokenRules rules;
  private final BlockSteps blocks;
  private final Noise noise;
  private int next;
  private int maskedInBlock;
  private int[] read = {};

  LladaDecoder(
      LladaDecoding policy,
      MaskedSequence sequence,
      TokenRules rules,
      BlockSteps blocks,
      Noise noise) {
    this.policy = policy;
    this.sequence = sequence;
    this.rules = rules;
    this.blocks = blocks;
    this.noise = noise;
  }

  /** Tokens to commit in a step of a block: the count split evenly, the first steps one more. */
  static int toCommit(int masked, int steps, int step) {
    return masked / steps + (step < masked % steps ? 1 : 0);
  }

  @Override
  public boolean hasNext() {
    return next < blocks.total();
  }

  @Override
  public DecodingStep next() {
    return blocks.step(next++);
  }

  /** Positions that earlier blocks left open compete too, but do not raise the block's counts. */
  @Override
  public int[] begin(DecodingStep step, Positions readable) {
    int[] masked = sequence.masked(readable, 0, step.end());
    if (step.inBlock() == 0) {
      maskedInBlock = sequence.masked(step.start(), step.end()).length;
    }
    int count = scheduled(step, masked.length);
    if (count == 0) {
      read = new int[0];
    } else if (policy.remasking() == Remasking.RANDOM) {
      read = random(step, masked, count);
    } else {
      read = masked;
    }
    return read;
  }

  /** How many positions a step commits. */
  private int scheduled(DecodingStep step, int masked) {
    return Math.min(masked, toCommit(maskedInBlock, blocks.stepsPerBlock(), step.inBlock()));
  }

  private int[] random(DecodingStep step, int[] masked, int count) {
    return Arrays.stream(masked)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                p -> -noise.uniform(step.number(), p, Noise.Purpose.POSITION)))
        .limit(count)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  @Override
  public void commit(DecodingStep step, LogitSource logits) {
    Candidates candidates =
        Candidates.choose(
            logits,
            new LladaSampler(policy, noise, ScalarType.Float),
            rules,
            sequence,
            step.number(),
            read);
    for (int row : candidates.mostConfident(scheduled(step, candidates.rows()))) {
      sequence.commit(read[row], candidates.token(row));
    }
  }
}
