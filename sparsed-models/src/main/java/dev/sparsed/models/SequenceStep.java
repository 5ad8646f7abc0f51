package dev.sparsed.models;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.step.Confidences;
import dev.sparsed.step.StepContext;

/** Where a sequence stands when a step begins, as schedules and selectors are told. */
final class SequenceStep implements StepContext {

  private final DecodingStep decoding;
  private final int totalSteps;
  private final Positions generation;
  private final int[] masked;
  private final Confidences lastConfidences;
  private final int forwardPasses;

  /** The step before its pass. The masked positions are kept, and not to be changed. */
  SequenceStep(
      DecodingStep decoding,
      int totalSteps,
      Positions generation,
      int[] masked,
      Confidences lastConfidences,
      int forwardPasses) {
    this.decoding = decoding;
    this.totalSteps = totalSteps;
    this.generation = generation;
    this.masked = masked;
    this.lastConfidences = lastConfidences;
    this.forwardPasses = forwardPasses;
  }

  @Override
  public int step() {
    return decoding.scheduled();
  }

  @Override
  public int totalSteps() {
    return totalSteps;
  }

  @Override
  public int decodingBlock() {
    int before = generation.within(0, decoding.start()).size();
    return before / generation.within(decoding.start(), decoding.end()).size();
  }

  @Override
  public int stepInBlock() {
    return decoding.inBlock();
  }

  @Override
  public int[] maskedPositions() {
    return masked.clone();
  }

  @Override
  public Confidences lastConfidences() {
    return lastConfidences;
  }

  @Override
  public int forwardPasses() {
    return forwardPasses;
  }
}
