package dev.sparsed.report;

import dev.sparsed.testing.InstalledChromium;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A browser without a window. */
record Chromium(Path program) {

  /** Time of the page's own clock, which does not wait for the processor. */
  private static final int PAGE_MILLISECONDS = 120_000;

  private static final int MOST_MINUTES = 10;

  /** The browser on the path, if there is one. */
  static Optional<Chromium> find() {
    return InstalledChromium.find().map(Chromium::new);
  }

  /**
   * The page's elements once its scripts have run.
   *
   * @param page an HTML file
   * @param width of the window
   * @param dark whether the user prefers dark colours
   * @param scratch an empty folder
   */
  String elements(Path page, int width, boolean dark, Path scratch)
      throws IOException, InterruptedException {
    Path out = scratch.resolve("out");
    Path log = scratch.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(
        List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--hide-scrollbars",
            "--user-data-dir=" + scratch.resolve("profile"),
            "--window-size=" + width + ",1200",
            "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
            "--virtual-time-budget=" + PAGE_MILLISECONDS,
            "--dump-dom",
            page.toUri().toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(log.toFile())
            .start();
    if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError(program + " has not ended within " + MOST_MINUTES + " minutes");
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(
          program + " ended with " + process.exitValue() + ":\n" + Files.readString(log));
    }
    return Files.readString(out, StandardCharsets.UTF_8);
  }
}
