package dev.sparsed.cli;

import dev.sparsed.eval.bench.PhaseNames;
import dev.sparsed.models.GenerationProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;

/**
 * Draws the answer in place while it is denoised, with a line below that says how far it is. What
 * it has drawn is gone when it is closed; the answer is printed then.
 */
final class LiveProgress implements StepProgress {

  /** Often enough for the eye, seldom enough for a slow connection. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** Lines that stay free for the status and what was there before. */
  private static final int FREE_LINES = 3;

  private final Terminal terminal;
  private final boolean owned;
  private final Display display;
  private final LiveText text;
  private final long start = System.nanoTime();
  private long drawn = start - PAUSE.toNanos();

  private LiveProgress(Terminal terminal, boolean owned, LiveText text) {
    this.terminal = terminal;
    this.owned = owned;
    this.display = new Display(terminal, false);
    this.text = text;
  }

  /** Draws on a terminal, which is closed with this. */
  static LiveProgress owning(Terminal terminal, LiveText text) {
    return new LiveProgress(terminal, true, text);
  }

  /** Draws on a terminal that is somebody else's. */
  static LiveProgress on(Terminal terminal, LiveText text) {
    return new LiveProgress(terminal, false, text);
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    long now = System.nanoTime();
    boolean last = progress.step() + 1 == progress.totalSteps();
    if (last || now - drawn >= PAUSE.toNanos()) {
      drawn = now;
      draw(progress);
    }
    return Reaction.CONTINUE;
  }

  private void draw(GenerationProgress progress) {
    int columns = Math.max(20, terminal.getWidth());
    int rows = Math.max(FREE_LINES + 2, terminal.getHeight());
    display.resize(rows, columns);
    List<AttributedString> lines = new ArrayList<>();
    for (AttributedString line : text.of(progress).columnSplitLength(columns - 1)) {
      lines.add(line);
    }
    // Of a long answer its end: what comes first is decided first.
    int most = rows - FREE_LINES;
    lines = new ArrayList<>(lines.subList(Math.max(0, lines.size() - most), lines.size()));
    lines.add(status(progress).columnSubSequence(0, columns - 1));
    display.update(lines, -1);
  }

  private AttributedString status(GenerationProgress progress) {
    int done = progress.step() + 1;
    double elapsed = (System.nanoTime() - start) / 1e9;
    String status =
        String.format(
            Locale.ROOT,
            "step %d/%d, %s, %.1f s, about %.0f s left",
            done,
            progress.totalSteps(),
            PhaseNames.of(progress.phase()),
            elapsed,
            elapsed / done * (progress.totalSteps() - done));
    return new AttributedString(status, AttributedStyle.DEFAULT.faint());
  }

  @Override
  public void close() {
    display.update(List.of(), 0);
    terminal.flush();
    if (!owned) {
      return;
    }
    try {
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
