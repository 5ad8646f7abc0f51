package dev.sparsed.cli;

import dev.sparsed.cli.console.Terminal;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import java.io.PrintWriter;

/** Shows how far a generation is. */
interface StepProgress extends GenerationListener, AutoCloseable {

  /** A bar that is drawn in place on a terminal, plain lines elsewhere. */
  static StepProgress on(PrintWriter err, int totalSteps) {
    return Terminal.bar("steps", totalSteps)
        .<StepProgress>map(ProgressBars::new)
        .orElseGet(() -> new ProgressLines(err));
  }

  /** The answer while it is denoised: in place on a terminal that can do so, else as lines. */
  static StepProgress live(PrintWriter err, LiveText text) {
    return Terminal.ERROR
        .drawable()
        .<StepProgress>map(terminal -> LiveProgress.owning(terminal, text))
        .orElseGet(() -> new LiveLines(err, text));
  }

  /** Nothing. */
  static StepProgress none() {
    return new StepProgress() {
      @Override
      public Reaction onStep(GenerationProgress progress) {
        return Reaction.CONTINUE;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  void close();
}
