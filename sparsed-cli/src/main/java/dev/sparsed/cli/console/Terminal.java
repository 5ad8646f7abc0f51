package dev.sparsed.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.TerminalBuilder;

/** Whether somebody watches, or a file or another program takes what is written. */
public enum Terminal {
  /** Standard output. */
  OUTPUT(1, "sparsed.terminal.output"),
  /** Standard error. */
  ERROR(2, "sparsed.terminal");

  private static final int USUAL_WIDTH = 80;

  private final int descriptor;
  private final String property;

  Terminal(int descriptor, String property) {
    this.descriptor = descriptor;
    this.property = property;
  }

  /**
   * Whether this stream goes to a terminal.
   *
   * @return what the launcher found; without it, what Linux says
   */
  public boolean isThere() {
    String said = System.getProperty(property);
    return said == null ? isDevice() : Boolean.parseBoolean(said);
  }

  private boolean isDevice() {
    try {
      String name = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return name.startsWith("/dev/pts/") || name.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Characters of a line.
   *
   * @return what the terminal says; 80 where there is none, or none that says
   */
  public int width() {
    if (!isThere()) {
      return USUAL_WIDTH;
    }
    try (org.jline.terminal.Terminal terminal = TerminalBuilder.builder().dumb(true).build()) {
      return terminal.getWidth() > 0 ? terminal.getWidth() : USUAL_WIDTH;
    } catch (IOException e) {
      return USUAL_WIDTH;
    }
  }

  /**
   * A bar that is drawn in place on standard error.
   *
   * @param what the name of what is counted, such as {@code steps}
   * @param total how many there are
   * @return the bar, which the caller closes; empty where lines are better
   */
  public static Optional<ProgressBar> bar(String what, int total) {
    return ERROR.isThere()
        ? Optional.of(
            new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .showSpeed()
                .clearDisplayOnFinish()
                .build())
        : Optional.empty();
  }
}
