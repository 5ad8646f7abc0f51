package dev.sparsed.cli.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp;

/** Whether somebody watches or types, or a file or another program takes or gives the text. */
public enum Terminal {
  /** Standard input. */
  INPUT(0, "sparsed.terminal.input"),
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
    try (org.jline.terminal.Terminal terminal = open()) {
      return terminal.getWidth() > 0 ? terminal.getWidth() : USUAL_WIDTH;
    } catch (IOException e) {
      return USUAL_WIDTH;
    }
  }

  /**
   * This stream's terminal, if text can be replaced there in place.
   *
   * @return the terminal, which the caller closes; empty where there is none, or only a dumb one
   */
  public Optional<org.jline.terminal.Terminal> drawable() {
    if (!isThere()) {
      return Optional.empty();
    }
    try {
      org.jline.terminal.Terminal terminal = open();
      if (terminal.getStringCapability(InfoCmp.Capability.cursor_up) != null) {
        return Optional.of(terminal);
      }
      terminal.close();
    } catch (IOException e) {
      // Lines do as well.
    }
    return Optional.empty();
  }

  /**
   * Opens this stream's terminal, whose signals stay the program's own. A process has one at a
   * time.
   *
   * @return the terminal, which the caller closes
   * @throws IOException if there is none
   */
  public org.jline.terminal.Terminal open() throws IOException {
    return TerminalBuilder.builder()
        .system(true)
        .systemOutput(
            this == ERROR
                ? TerminalBuilder.SystemOutput.SysErr
                : TerminalBuilder.SystemOutput.SysOut)
        .dumb(true)
        .nativeSignals(false)
        .encoding(StandardCharsets.UTF_8)
        .build();
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
