package dev.sparsed.models.cache;

import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;

/** A step of a sequence of which nothing is known but what it decodes. */
public record PlannedStep(DecodingStep decoding) implements CacheStep {

  @Override
  public Positions masked() {
    return Positions.none();
  }

  @Override
  public Positions block() {
    return Positions.range(decoding.start(), decoding.end());
  }

  @Override
  public Positions decided() {
    return Positions.none();
  }

  @Override
  public double chance(int position) {
    return Double.NaN;
  }

  @Override
  public int step() {
    return decoding.scheduled();
  }

  @Override
  public int totalSteps() {
    return Integer.MAX_VALUE;
  }

  @Override
  public int forwardPasses() {
    return decoding.number();
  }

  @Override
  public Positions kept(int layer) {
    return Positions.none();
  }

  @Override
  public Positions withRows(Positions positions) {
    return positions;
  }
}
