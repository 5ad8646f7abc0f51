package dev.sparsed.models;

import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.KeyValueCache;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.transformer.Transformer;

/**
 * Where a sequence stands before a step.
 *
 * @param decoding the step
 * @param masked masked positions
 * @param decided positions that the last forward pass decided
 * @param passes forward passes so far
 * @param sequence the sequence
 * @param cache what is kept
 * @param transformer knows which positions logits are read at
 */
record PlannedStep(
    DecodingStep decoding,
    Positions masked,
    Positions decided,
    int passes,
    MaskedSequence sequence,
    KeyValueCache cache,
    Transformer transformer)
    implements CacheStep {

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
