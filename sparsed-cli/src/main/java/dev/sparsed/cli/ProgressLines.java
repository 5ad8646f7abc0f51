package dev.sparsed.cli;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.eval.bench.PhaseNames;
import dev.sparsed.models.GenerationProgress;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A line for each tenth of the steps and wherever the phase changes. */
final class ProgressLines implements StepProgress {

  private final PrintWriter err;
  private final long start = System.nanoTime();
  private @Nullable AttentionPhase lastPhase;
  private int lastTenth = -1;

  ProgressLines(PrintWriter err) {
    this.err = err;
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    print(progress);
    return Reaction.CONTINUE;
  }

  /** Prints a line, if it is time for one, and says whether it was. */
  boolean print(GenerationProgress progress) {
    int done = progress.step() + 1;
    int total = progress.totalSteps();
    int tenth = (int) (10L * done / total);
    boolean due = progress.phase() != lastPhase || tenth != lastTenth;
    if (due) {
      lastPhase = progress.phase();
      lastTenth = tenth;
      double elapsed = (System.nanoTime() - start) / 1e9;
      err.printf(
          Locale.ROOT,
          "step %d/%d, %s, %.1f s, about %.0f s left%n",
          done,
          total,
          PhaseNames.of(progress.phase()),
          elapsed,
          elapsed / done * (total - done));
      err.flush();
    }
    return due;
  }

  @Override
  public void close() {}
}
