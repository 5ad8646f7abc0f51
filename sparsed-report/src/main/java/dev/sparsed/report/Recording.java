package dev.sparsed.report;

import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Follows a generation and keeps what a {@link Report} shows of it: the time of each step, which
 * step decided which position and with what probability, and the patterns that steps selected. Its
 * patterns take the memory of those that the generation keeps itself, once for each step that
 * selects, at most {@value #MOST_SELECTIONS} times.
 *
 * <p>Used for one generation at a time. Used again, it holds the latest one.
 */
public final class Recording implements GenerationListener {

  /** Of further steps that select, only the last one's patterns are kept. */
  static final int MOST_SELECTIONS = 8;

  private final GenerationListener next;
  private final List<Step> steps = new ArrayList<>();
  private final List<TreeMap<Integer, NavigableMap<Integer, SparsePattern>>> patterns =
      new ArrayList<>();
  private final Guesses guesses = new Guesses();

  /** A recording that lets the generation run to its end. */
  public Recording() {
    this(GenerationListener.NONE);
  }

  /**
   * A recording that passes everything on.
   *
   * @param next follows the generation too, and decides whether it goes on
   */
  public Recording(GenerationListener next) {
    this.next = next;
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    beginIfNew(progress.step());
    steps.add(
        new Step(
            progress.phase(),
            progress.cache(),
            progress.ran(),
            progress.time(),
            progress.decided().stream().map(int[]::clone).toList(),
            progress.chances().stream().map(double[]::clone).toList(),
            guesses.changes(progress)));
    return next.onStep(progress);
  }

  @Override
  public void onPattern(int sequence, int step, int layer, Supplier<SparsePattern> pattern) {
    beginIfNew(step);
    while (patterns.size() <= sequence) {
      patterns.add(new TreeMap<>());
    }
    TreeMap<Integer, NavigableMap<Integer, SparsePattern>> ofSteps = patterns.get(sequence);
    if (!ofSteps.containsKey(step) && ofSteps.size() == MOST_SELECTIONS) {
      ofSteps.pollLastEntry();
    }
    SparsePattern got = pattern.get();
    ofSteps.computeIfAbsent(step, unused -> new TreeMap<>()).put(layer, got);
    next.onPattern(sequence, step, layer, () -> got);
  }

  @Override
  public void onEviction(int sequence, int step, int layer, float[] importance, int[] kept) {
    next.onEviction(sequence, step, layer, importance, kept);
  }

  private void beginIfNew(int step) {
    if (step < steps.size()) {
      steps.clear();
      patterns.clear();
      guesses.clear();
    }
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  /** The patterns of one sequence that steps selected, by step. */
  List<Selection> selections(int sequence) {
    List<Selection> selections = new ArrayList<>();
    if (sequence < patterns.size()) {
      patterns
          .get(sequence)
          .forEach((step, layers) -> selections.addAll(Selection.of(step, layers)));
    }
    return selections;
  }
}
