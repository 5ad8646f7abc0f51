package dev.sparsed.models.family.dream;

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
import java.util.stream.IntStream;

/** Dream's decoding; see {@link DreamDecoding}. */
final class DreamDecoder implements Decoder {

  private final DreamDecoding policy;
  private final MaskedSequence sequence;
  private final SequenceEditor editor;
  private final BlockSteps blocks;
  private final DreamSchedule schedule;
  private final Noise noise;
  private int next;

  DreamDecoder(DreamDecoding policy, DecodingContext context) {
    this.policy = policy;
    this.sequence = context.sequence();
    this.editor = context.editor();
    this.blocks = BlockSteps.of(sequence, policy.tokensPerBlock(), context.steps());
    this.schedule = new DreamSchedule(blocks.stepsPerBlock(), policy.epsilon());
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

  @Override
  public Positions begin(DecodingStep step, Positions readable) {
    if (commitsFirstToken(step)) {
      return sequence.masked(readable, step.start(), step.start() + 1);
    }
    Positions masked = sequence.masked(readable, step.start(), step.end());
    if (policy.algorithm() == DreamDecoding.Algorithm.ORIGIN) {
      float share = schedule.share(step.inBlock());
      return masked.where(p -> noise.uniform(step.number(), p, Noise.Purpose.POSITION) < share);
    }
    return scheduled(step, masked.size()) > 0 ? masked : Positions.none();
  }

  /**
   * Whether a step has the block's first token for its only candidate; see {@link
   * DreamDecoding.Blocks}.
   */
  private boolean commitsFirstToken(DecodingStep step) {
    return policy.blocks().isPresent()
        && step.inBlock() == 0
        && (blocks.stepsPerBlock() > 1
            || policy.blocks().get().singleStep()
                == DreamDecoding.Blocks.SingleStep.COMMITS_FIRST_TOKEN);
  }

  /** How many positions a step commits. */
  private int scheduled(DecodingStep step, int masked) {
    return commitsFirstToken(step)
        ? Math.min(1, masked)
        : schedule.committed(step.inBlock(), masked);
  }

  @Override
  public void commit(DecodingStep step, Predictions predictions) {
    DreamSampler sampler = new DreamSampler(policy, noise);
    Candidates candidates = predictions.choose(sampler);
    editor.commit(
        predictions, sampler, candidates, committed(step, candidates, predictions.positions()));
  }

  private int[] committed(DecodingStep step, Candidates candidates, Positions read) {
    if (policy.algorithm() == DreamDecoding.Algorithm.ORIGIN) {
      return IntStream.range(0, candidates.rows()).toArray();
    }
    int count = scheduled(step, candidates.rows());
    return policy.algorithmTemperature() == 0
        ? candidates.mostConfident(count)
        : sampled(step, candidates, read, count);
  }

  /**
   * Draws without replacement with chances softmax(confidence / temperature): the largest sums with
   * Gumbel noise are such a draw.
   */
  private int[] sampled(DecodingStep step, Candidates candidates, Positions read, int count) {
    double[] keys = new double[candidates.rows()];
    for (int row = 0; row < keys.length; row++) {
      keys[row] =
          candidates.confidence(row) / policy.algorithmTemperature()
              + noise.gumbel(step.number(), read.at(row), Noise.Purpose.POSITION);
    }
    return IntStream.range(0, keys.length)
        .boxed()
        .sorted((a, b) -> Double.compare(keys[b], keys[a]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
