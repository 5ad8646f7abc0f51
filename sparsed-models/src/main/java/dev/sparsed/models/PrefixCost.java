package dev.sparsed.models;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.BreakEven;
import dev.sparsed.attention.internal.SchedulePhases;
import dev.sparsed.models.decoding.DecodingStep;
import java.util.List;

/**
 * What attention that is causal over blocks is expected to cost: a step has the queries of one
 * block and reads all keys up to the block's end. Of the steps that the schedule does not want
 * full, a block's first one attends fully and chooses, the others read what it chose ({@link
 * PrefixPhases}). Prompts and finished blocks cost the same whatever the policy; they are not
 * counted, and neither are steps that decode several blocks, which always attend fully.
 *
 * @param policy the layer's policy
 * @param cost what the backend's calls cost
 * @param whole the sizes of a call over the whole sequence
 * @param blockLength tokens per block of the model's attention
 */
record PrefixCost(
    AttentionPolicy policy,
    AttentionBackend.AttentionCost cost,
    AttentionShape whole,
    int blockLength) {

  /**
   * Seconds of one layer, all steps taken to run.
   *
   * @param steps the steps, in order
   * @param totalSteps planned steps, by which the schedule counts
   */
  BreakEven.Estimate estimate(List<DecodingStep> steps, int totalSteps) {
    BreakEven.Estimate sum = BreakEven.Estimate.NONE;
    int chosen = -1;
    int keyBlocks = 0;
    BreakEven ofLength = new BreakEven(cost, policy.blocks(), BreakEven.EVERY_BLOCK);
    for (DecodingStep step : steps) {
      int block = (step.end() - 1) / blockLength;
      if (step.start() / blockLength != block) {
        continue;
      }
      AttentionShape shape = shape(block);
      if (shape.grid(policy.blocks()).keyBlocks() != keyBlocks) {
        sum = sum.plus(ofLength.estimate());
        keyBlocks = shape.grid(policy.blocks()).keyBlocks();
        ofLength = new BreakEven(cost, policy.blocks(), density(shape.keyLength()));
      }
      boolean wantedFull =
          SchedulePhases.of(policy.schedule(), step.scheduled(), totalSteps) == AttentionPhase.FULL;
      if (wantedFull) {
        ofLength.add(shape, AttentionPhase.FULL);
      } else {
        boolean chooses = chosen != block;
        ofLength.add(shape, chooses ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE);
        chosen = block;
      }
    }
    return sum.plus(ofLength.estimate());
  }

  /** A block's queries and the keys up to its end. */
  private AttentionShape shape(int block) {
    int start = block * blockLength;
    int end = (int) Math.min(whole.keyLength(), start + (long) blockLength);
    return new AttentionShape(
        whole.batch(), whole.heads(), whole.kvHeads(), end - start, end, whole.headDimension());
  }

  /** What the selector reads, and in any case the block's own keys ({@link OwnBlock}). */
  private double density(int keys) {
    int size = policy.blocks().keyTokens();
    int all = (keys + size - 1) / size;
    int before = Math.max(0, keys - blockLength) / size;
    double own = (double) (all - before) / all;
    return own
        + (1 - own) * policy.expectedDensity(keys, blockLength).orElse(BreakEven.EVERY_BLOCK);
  }
}
