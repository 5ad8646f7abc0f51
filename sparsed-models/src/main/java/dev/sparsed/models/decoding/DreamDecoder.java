package dev.sparsed.models.decoding;

import com.google.common.math.IntMath;
import dev.sparsed.models.torch.HostArrays;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Dream's decoding; see {@link DreamDecoding}. */
final class DreamDecoder implements Decoder {

  /** What the published code adds to a probability before it takes the logarithm. */
  private static final double ENTROPY_EPSILON = 1e-10;

  private final DreamDecoding policy;
  private final MaskedSequence sequence;
  private final OptionalDouble threshold;
  private final BlockSteps blocks;
  private final DreamSchedule schedule;
  private final Noise noise;
  private int[] read = {};

  DreamDecoder(
      DreamDecoding policy,
      OptionalDouble threshold,
      MaskedSequence sequence,
      BlockSteps blocks,
      Noise noise) {
    this.policy = policy;
    this.threshold = threshold;
    this.sequence = sequence;
    this.blocks = blocks;
    this.schedule = new DreamSchedule(blocks.stepsPerBlock(), policy.epsilon());
    this.noise = noise;
  }

  @Override
  public BlockSteps blocks() {
    return blocks;
  }

  @Override
  public int[] begin(int step, int firstFed) {
    int start = blocks.start(step);
    if (commitsFirstToken(step)) {
      read = sequence.masked(start, start + 1);
      return read;
    }
    int[] masked = sequence.masked(Math.max(start, firstFed), blocks.end(step));
    if (policy.algorithm() == DreamAlgorithm.ORIGIN) {
      float share = schedule.share(blocks.stepInBlock(step));
      read =
          Arrays.stream(masked)
              .filter(p -> noise.uniform(step, p, Noise.Purpose.POSITION) < share)
              .toArray();
    } else {
      read = scheduled(step, masked.length) > 0 ? masked : new int[0];
    }
    return read;
  }

  /** Whether a step has the block's first token for its only candidate; see {@link DreamBlocks}. */
  private boolean commitsFirstToken(int step) {
    return policy.blocks().isPresent()
        && blocks.stepInBlock(step) == 0
        && (blocks.stepsPerBlock() > 1
            || policy.blocks().get().singleStep() == DreamBlocks.SingleStep.COMMITS_FIRST_TOKEN);
  }

  /** How many positions a step commits, or with a threshold commits at least. */
  private int scheduled(int step, int masked) {
    if (commitsFirstToken(step)) {
      return Math.min(1, masked);
    }
    return threshold.isPresent()
        ? IntMath.divide(masked, blocks.stepsLeft(step), RoundingMode.CEILING)
        : schedule.committed(blocks.stepInBlock(step), masked);
  }

  @Override
  public void commit(int step, LogitSource logits) {
    Candidates candidates =
        Candidates.choose(logits, (rows, from, to) -> choose(rows, step, from, to));
    for (int row : committed(step, candidates)) {
      sequence.commit(read[row], candidates.token(row));
    }
  }

  private int[] committed(int step, Candidates candidates) {
    if (policy.algorithm() == DreamAlgorithm.ORIGIN) {
      return IntStream.range(0, candidates.rows()).toArray();
    }
    int count = scheduled(step, candidates.rows());
    if (threshold.isPresent()) {
      int sure = candidates.above(threshold.getAsDouble(), this::share);
      return candidates.mostConfident(Math.max(count, sure));
    }
    if (policy.algorithmTemperature() == 0) {
      return candidates.mostConfident(count);
    }
    return sampled(step, candidates, count);
  }

  /** A confidence brought to 0 to 1; entropies are negative ones. */
  private double share(double confidence) {
    return policy.algorithm() == DreamAlgorithm.ENTROPY ? Math.exp(confidence) : confidence;
  }

  /**
   * Draws without replacement with chances softmax(confidence / temperature): the largest sums with
   * Gumbel noise are such a draw.
   */
  private int[] sampled(int step, Candidates candidates, int count) {
    double[] keys = new double[candidates.rows()];
    for (int row = 0; row < keys.length; row++) {
      keys[row] =
          candidates.confidence(row) / policy.algorithmTemperature()
              + noise.gumbel(step, read[row], Noise.Purpose.POSITION);
    }
    return IntStream.range(0, keys.length)
        .boxed()
        .sorted((a, b) -> Double.compare(keys[b], keys[a]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private Candidates.Choice choose(Tensor logits, int step, int from, int to) {
    return choose(policy, logits, probabilities -> sample(probabilities, step, from, to));
  }

  /** Candidates and confidences of float32 logits [rows, vocabulary]. */
  static Candidates.Choice choose(DreamDecoding policy, Tensor logits, Sampler sampler) {
    Tensor scaled =
        policy.temperature() > 0 ? logits.div(new Scalar(policy.temperature())) : logits;
    if (policy.topP().isPresent() && policy.topP().getAsDouble() < 1) {
      scaled = LogitFilters.topP(scaled, policy.topP().getAsDouble());
    }
    if (policy.topK().isPresent()) {
      scaled = LogitFilters.topK(scaled, policy.topK().getAsInt());
    }
    Tensor probabilities = torch.softmax(scaled, -1);
    T_TensorTensor_T best = probabilities.max(-1);
    Tensor tokens = best.get1();
    Tensor chance = best.get0();
    if (policy.temperature() > 0) {
      tokens = sampler.sample(probabilities);
      chance = probabilities.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
    }
    return new Candidates.Choice(
        tokens,
        switch (policy.algorithm()) {
          case ORIGIN, MASKGIT_PLUS -> chance;
          case TOPK_MARGIN -> margin(probabilities);
          case ENTROPY ->
              probabilities
                  .add(new Scalar(ENTROPY_EPSILON))
                  .log_()
                  .mul_(probabilities)
                  .sum(new long[] {-1}, false, new ScalarTypeOptional());
        });
  }

  private static Tensor margin(Tensor probabilities) {
    Tensor top = probabilities.topk(Math.min(2, probabilities.size(-1))).get0();
    return top.select(-1, 0).sub(top.select(-1, top.size(-1) - 1));
  }

  /** Inverts the distribution function at one random number per row. */
  private Tensor sample(Tensor probabilities, int step, int from, int to) {
    double[] numbers =
        IntStream.range(from, to)
            .mapToDouble(row -> noise.uniform(step, read[row], Noise.Purpose.TOKEN))
            .toArray();
    try (Device device = probabilities.device()) {
      Tensor mass = probabilities.cumsum(-1, new ScalarTypeOptional(ScalarType.Double));
      long last = probabilities.size(-1) - 1;
      Tensor at = HostArrays.toTensor(numbers, device).unsqueeze(1).mul_(mass.narrow(-1, last, 1));
      return torch
          .searchsorted(mass, at, false, true, new StringViewOptional(), new TensorOptional())
          .squeeze(1)
          .clamp_max_(new Scalar(last));
    }
  }

  /** Draws one token per row. */
  interface Sampler {

    /**
     * Draws.
     *
     * @param probabilities float32 [rows, vocabulary]
     * @return int64 [rows]
     */
    Tensor sample(Tensor probabilities);
  }
}
