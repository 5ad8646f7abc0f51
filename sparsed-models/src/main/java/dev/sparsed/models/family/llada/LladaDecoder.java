package dev.sparsed.models.family.llada;

import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.Candidates;
import dev.sparsed.models.decoding.Decoder;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceEditor;
import java.util.Comparator;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** LLaDA's decoding; see {@link LladaDecoding}. */
final class LladaDecoder implements Decoder {

  private final LladaDecoding policy;
  private final MaskedSequence sequence;
  private final SequenceEditor editor;
  private final BlockSteps blocks;
  private final Noise noise;
  private int next;
  private int maskedInBlock;
  private int left;
  private int share;

  LladaDecoder(LladaDecoding policy, DecodingContext context) {
    this.policy = policy;
    this.sequence = context.sequence();
    this.editor = context.editor();
    this.blocks = BlockSteps.of(sequence, policy.tokensPerBlock(), context.steps());
    this.noise = context.noise();
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
  public Positions begin(DecodingStep step, Positions readable) {
    Positions masked = sequence.masked(readable, 0, step.end());
    if (step.inBlock() == 0) {
      maskedInBlock = sequence.masked(step.start(), step.end()).length;
      left = maskedInBlock;
    }
    share = policy.counts().of(maskedInBlock, left, blocks.stepsPerBlock(), step.inBlock());
    left -= share;
    int count = scheduled(masked.size());
    if (count == 0) {
      return Positions.none();
    }
    return policy.remasking() == LladaDecoding.Remasking.RANDOM
        ? random(step, masked, count)
        : masked;
  }

  /** How many positions a step commits. */
  private int scheduled(int masked) {
    return Math.min(masked, share);
  }

  private Positions random(DecodingStep step, Positions masked, int count) {
    return Positions.of(
        masked.stream()
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                    p -> -noise.uniform(step.number(), p, Noise.Purpose.POSITION)))
            .limit(count)
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray());
  }

  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    LladaSampler sampler = new LladaSampler(policy, noise, ScalarType.Float);
    Candidates candidates = predictions.choose(sampler);
    editor.commit(
        predictions, sampler, candidates, candidates.mostConfident(scheduled(candidates.rows())));
  }
}
