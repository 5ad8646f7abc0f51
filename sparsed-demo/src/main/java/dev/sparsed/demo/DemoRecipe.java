package dev.sparsed.demo;

import com.google.common.collect.ImmutableList;

/**
 * How the demo model is trained.
 *
 * @param seed of weights and texts
 * @param peakRate highest learning rate of AdamW
 * @param warmupSteps steps in which the rate rises to its peak; it then falls as a cosine
 * @param stages what is learnt, one after the other
 */
public record DemoRecipe(long seed, double peakRate, int warmupSteps, ImmutableList<Stage> stages) {

  /** The recipe of the embedded checkpoint. */
  public static final DemoRecipe PUBLISHED =
      new DemoRecipe(
          1,
          2e-3,
          100,
          ImmutableList.of(
              new Stage(700, 20, 1, 2, 1, 8),
              new Stage(2000, 20, 1, 5, 2, 8),
              new Stage(2000, 16, 2, 10, 6, 8)));

  /**
   * Steps on texts of one kind.
   *
   * @param steps optimiser steps
   * @param rows texts per step
   * @param fewestFacts facts in the shortest texts
   * @param mostFacts facts in the longest texts
   * @param mostIdleSentences sentences of no use in the longest texts
   * @param answerLength tokens of an answer, the fill-up with end-of-text tokens included
   */
  public record Stage(
      int steps,
      int rows,
      int fewestFacts,
      int mostFacts,
      int mostIdleSentences,
      int answerLength) {}

  /**
   * The same with another seed.
   *
   * @param value of weights and texts
   * @return the changed recipe
   */
  public DemoRecipe withSeed(long value) {
    return new DemoRecipe(value, peakRate, warmupSteps, stages);
  }

  /**
   * The same with more or fewer steps.
   *
   * @param factor on the steps of each stage, which keeps at least one
   * @return the changed recipe
   */
  public DemoRecipe scaled(double factor) {
    return new DemoRecipe(
        seed,
        peakRate,
        warmupSteps,
        stages.stream()
            .map(
                stage ->
                    new Stage(
                        (int) Math.max(1, Math.round(stage.steps() * factor)),
                        stage.rows(),
                        stage.fewestFacts(),
                        stage.mostFacts(),
                        stage.mostIdleSentences(),
                        stage.answerLength()))
            .collect(ImmutableList.toImmutableList()));
  }

  int totalSteps() {
    return stages.stream().mapToInt(Stage::steps).sum();
  }

  double rate(int step) {
    double warmup = Math.min(1, (step + 1.0) / warmupSteps);
    double decay = 0.5 * (1 + Math.cos(Math.PI * step / totalSteps()));
    return peakRate * warmup * (0.05 + 0.95 * decay);
  }
}
