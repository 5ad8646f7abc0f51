package dev.sparsed.cli;

import dev.sparsed.models.GenerationListener;
import java.io.PrintWriter;
import java.util.Optional;
import org.jline.terminal.Terminal;

/**
 * Shows how far an answer is.
 *
 * @param err gets lines
 * @param terminal where answers are drawn while they are denoised; empty where there is none
 * @param live whether they are
 */
record ChatProgress(PrintWriter err, Optional<Terminal> terminal, boolean live) {

  /** Of one answer. Nothing is shown where nobody watches. */
  StepProgress of(LiveText text) {
    if (!live) {
      return new Silent();
    }
    return terminal
        .<StepProgress>map(drawn -> LiveProgress.on(drawn, text))
        .orElseGet(() -> new LiveLines(err, text));
  }

  private static final class Silent implements StepProgress {

    @Override
    public Reaction onStep(dev.sparsed.models.GenerationProgress progress) {
      return GenerationListener.Reaction.CONTINUE;
    }

    @Override
    public void close() {}
  }
}
