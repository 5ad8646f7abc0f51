package dev.sparsed.cli;

import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.pattern.BlockScoreMap;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.ScoreRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Keeps the patterns of a generation and ends it when it has the last one that is wanted. */
final class PatternWatcher implements GenerationListener {

  private final GenerationListener progress;
  private final int keptStep;
  private final int lastStep;
  private final Optional<ScoreRecorder> recorder;
  private final SortedMap<Integer, SortedMap<Integer, SparsePattern>> steps = new TreeMap<>();
  private final List<BlockScoreMap> scores = new ArrayList<>();

  /**
   * Watches one generation.
   *
   * @param progress is told of every step too
   * @param keptStep the step whose scores are kept
   * @param lastStep the step after which nothing is wanted
   * @param recorder has the scores of the layer that has selected; empty to keep none
   */
  PatternWatcher(
      GenerationListener progress, int keptStep, int lastStep, Optional<ScoreRecorder> recorder) {
    this.progress = progress;
    this.keptStep = keptStep;
    this.lastStep = lastStep;
    this.recorder = recorder;
  }

  @Override
  public Reaction onStep(GenerationProgress step) {
    progress.onStep(step);
    return step.step() >= lastStep ? Reaction.STOP : Reaction.CONTINUE;
  }

  @Override
  public void onPattern(int sequence, int step, int layer, Supplier<SparsePattern> pattern) {
    steps.computeIfAbsent(step, any -> new TreeMap<>()).put(layer, pattern.get());
    recorder.map(ScoreRecorder::take).filter(taken -> step == keptStep).ifPresent(scores::add);
  }

  /** The patterns of every step that chose some, by step and layer. */
  Map<Integer, SortedMap<Integer, SparsePattern>> steps() {
    return steps;
  }

  /** The scores of every layer in the kept step. */
  List<BlockScoreMap> scores() {
    return scores;
  }
}
