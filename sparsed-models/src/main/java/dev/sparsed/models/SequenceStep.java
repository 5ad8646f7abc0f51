package dev.sparsed.models;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.step.Confidences;
import dev.sparsed.step.StepContext;

/** Where a sequence stands when a step begins, as schedules and selectors are told. */
final class SequenceStep implements StepContext {

  private final DecodingStep decoding;
  private final int totalSteps;
  private final int promptLength;
  private final int[] masked;
  private final Confidences lastConfidences;
  private final int forwardPasses;

  /** The step before its pass. The masked positions are kept, and not to be changed. */
  SequenceStep(
      DecodingStep decoding,
      int totalSteps,
      int promptLength,
      int[] masked,
      Confidences lastConfidences,
      int forwardPasses) {
    this.decoding = decoding;
    this.totalSteps = totalSteps;
    this.promptLength = promptLength;
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
    return (decoding.start() - promptLength) / (decoding.end() - decoding.start());
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
