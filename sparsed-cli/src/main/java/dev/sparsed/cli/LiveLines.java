package dev.sparsed.cli;

import dev.sparsed.models.GenerationProgress;
import java.io.PrintWriter;

/** Lines with the answer as it stands, for {@code --live} where nothing can be drawn in place. */
final class LiveLines implements StepProgress {

  private final PrintWriter err;
  private final ProgressLines progress;
  private final LiveText text;

  LiveLines(PrintWriter err, LiveText text) {
    this.err = err;
    this.progress = new ProgressLines(err);
    this.text = text;
  }

  @Override
  public Reaction onStep(GenerationProgress step) {
    if (progress.print(step)) {
      err.println("  " + text.of(step).toString().replace("\n", "\n  "));
      err.flush();
    }
    return Reaction.CONTINUE;
  }

  @Override
  public void close() {}
}
