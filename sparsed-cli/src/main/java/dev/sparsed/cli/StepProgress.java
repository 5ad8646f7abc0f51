package dev.sparsed.cli;

import dev.sparsed.cli.console.Terminal;
import dev.sparsed.models.GenerationListener;
import java.io.PrintWriter;

/** Shows how far a generation is. */
interface StepProgress extends GenerationListener, AutoCloseable {

  /** A bar that is drawn in place on a terminal, plain lines elsewhere. */
  static StepProgress on(PrintWriter err, int totalSteps) {
    return Terminal.bar("steps", totalSteps)
        .<StepProgress>map(ProgressBars::new)
        .orElseGet(() -> new ProgressLines(err));
  }

  @Override
  void close();
}
