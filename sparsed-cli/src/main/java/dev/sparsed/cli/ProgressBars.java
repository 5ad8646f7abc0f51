package dev.sparsed.cli;

import dev.sparsed.eval.bench.PhaseNames;
import dev.sparsed.models.GenerationProgress;
import me.tongfei.progressbar.ProgressBar;

/** One bar with step, time left and phase, drawn in place on standard error. */
final class ProgressBars implements StepProgress {

  private final ProgressBar bar;

  ProgressBars(ProgressBar bar) {
    this.bar = bar;
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    bar.setExtraMessage(" " + PhaseNames.of(progress.phase()));
    bar.stepTo(progress.step() + 1);
    return Reaction.CONTINUE;
  }

  @Override
  public void close() {
    bar.close();
  }
}
