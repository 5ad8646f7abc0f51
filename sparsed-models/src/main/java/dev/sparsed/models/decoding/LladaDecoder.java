package dev.sparsed.models.decoding;

import com.google.common.math.IntMath;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** LLaDA's decoding; see {@link LladaDecoding}. */
final class LladaDecoder implements Decoder {

  private final LladaDecoding policy;
  private final MaskedSequence sequence;
  private final OptionalDouble threshold;
  private final BlockSteps blocks;
  private final Noise noise;
  private int maskedInBlock;
  private int[] read = {};

  LladaDecoder(
      LladaDecoding policy,
      OptionalDouble threshold,
      MaskedSequence sequence,
      BlockSteps blocks,
      Noise noise) {
    this.policy = policy;
    this.threshold = threshold;
    this.sequence = sequence;
    this.blocks = blocks;
    this.noise = noise;
  }

  /** Tokens to commit in a step of a block: the count split evenly, the first steps one more. */
  static int toCommit(int masked, int steps, int step) {
    return masked / steps + (step < masked % steps ? 1 : 0);
  }

  /** Positions that earlier blocks left open compete too, but do not raise the block's counts. */
  @Override
  public int[] begin(int step, int firstFed) {
    int[] masked = sequence.masked(firstFed, blocks.end(step));
    if (blocks.stepInBlock(step) == 0) {
      maskedInBlock = sequence.masked(blocks.start(step), blocks.end(step)).length;
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

  /** How many positions a step commits, or with a threshold commits at least. */
  private int scheduled(int step, int masked) {
    return threshold.isPresent()
        ? IntMath.divide(masked, blocks.stepsLeft(step), RoundingMode.CEILING)
        : Math.min(
            masked, toCommit(maskedInBlock, blocks.stepsPerBlock(), blocks.stepInBlock(step)));
  }

  private int[] random(int step, int[] masked, int count) {
    return Arrays.stream(masked)
        .boxed()
        .sorted(Comparator.comparingDouble(p -> -noise.uniform(step, p, Noise.Purpose.POSITION)))
        .limit(count)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  @Override
  public BlockSteps blocks() {
    return blocks;
  }

  @Override
  public void commit(int step, LogitSource logits) {
    Candidates candidates =
        Candidates.choose(logits, (rows, from, to) -> choose(rows, step, from, to));
    int count = scheduled(step, candidates.rows());
    if (threshold.isPresent()) {
      int sure = candidates.above(threshold.getAsDouble(), DoubleUnaryOperator.identity());
      count = Math.max(count, sure);
    }
    for (int row : candidates.mostConfident(count)) {
      sequence.commit(read[row], candidates.token(row));
    }
  }

  private Candidates.Choice choose(Tensor logits, int step, int from, int to) {
    Tensor noisy = logits;
    if (policy.temperature() > 0) {
      try (Device device = logits.device()) {
        int[] positions = Arrays.copyOfRange(read, from, to);
        Tensor gumbel = noise.gumbels(step, positions, (int) logits.size(-1), device);
        noisy = gumbel.mul_(new Scalar(policy.temperature())).add_(logits.to(ScalarType.Double));
      }
    }
    Tensor tokens = noisy.argmax(new LongOptional(-1), true);
    Tensor chance = torch.softmax(logits, -1).gather(-1, tokens);
    return new Candidates.Choice(tokens.squeeze(-1), chance.squeeze(-1));
  }
}
