package dev.sparsed.models;

import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.cache.KeyValueCache;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.step.StepContext;

/**
 * Where a sequence stands before a step, as everybody is told who decides about it.
 *
 * @param decoding the step
 * @param decodingBlock how many decoding blocks the sequence had before the step's
 * @param totalSteps planned steps
 * @param masked masked positions
 * @param decided positions that the last forward pass decided or changed
 * @param lastConfidences of the last step that read logits
 * @param forwardPasses forward passes so far
 * @param sequence the sequence
 * @param cache what is kept
 * @param transformer knows which positions logits are read at
 */
record SequenceStep(
    DecodingStep decoding,
    int decodingBlock,
    int totalSteps,
    Positions masked,
    Positions decided,
    StepContext.Confidences lastConfidences,
    int forwardPasses,
    MaskedSequence sequence,
    KeyValueCache cache,
    Transformer transformer)
    implements CacheStep {

  @Override
  public int step() {
    return decoding.scheduled();
  }

  @Override
  public int stepInBlock() {
    return decoding.inBlock();
  }

  @Override
  public int[] maskedPositions() {
    return masked.toArray();
  }

  @Override
  public Positions block() {
    return sequence.generation().within(decoding.start(), decoding.end());
  }

  @Override
  public double chance(int position) {
    return sequence.chance(position);
  }

  @Override
  public Positions kept(int layer) {
    return cache.kept(layer);
  }

  @Override
  public Positions withRows(Positions positions) {
    return transformer.withRows(positions);
  }
}
