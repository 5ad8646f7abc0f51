package dev.sparsed.cli.console;

import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Standard error as the launcher found it: a terminal, or something that keeps every line. */
public final class Terminal {

  private static final String PROPERTY = "sparsed.terminal";

  private Terminal() {}

  /**
   * Whether standard error is a terminal.
   *
   * @return false too if the launcher did not say
   */
  public static boolean isThere() {
    return Boolean.getBoolean(PROPERTY);
  }

  /**
   * A bar that is drawn in place.
   *
   * @param what the name of what is counted, such as {@code steps}
   * @param total how many there are
   * @return the bar, which the caller closes; empty where lines are better
   */
  public static Optional<ProgressBar> bar(String what, int total) {
    return isThere()
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
