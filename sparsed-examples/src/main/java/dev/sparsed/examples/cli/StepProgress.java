package dev.sparsed.examples.cli;

import dev.sparsed.models.GenerationListener;
import java.io.PrintWriter;

/** Shows how far a generation is. */
interface StepProgress extends GenerationListener, AutoCloseable {

  /** Whether standard error is a terminal, as the launcher found out. */
  String TERMINAL_PROPERTY = "sparsed.terminal";

  /** A bar that is drawn in place on a terminal, plain lines elsewhere. */
  static StepProgress on(PrintWriter err, int totalSteps) {
    return Boolean.getBoolean(TERMINAL_PROPERTY)
        ? new ProgressBars(totalSteps)
        : new ProgressLines(err);
  }

  @Override
  void close();
}
