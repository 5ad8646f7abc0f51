package dev.sparsed.cli;

import dev.sparsed.cli.console.ResultWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;

/** Results that a command gave and that did not arrive: on a full disk, or where nobody reads. */
final class LostResults {

  private LostResults() {}

  /** What to say of a writer that could not pass on all that it got; empty if it could. */
  static Optional<String> in(PrintWriter results) {
    if (!results.checkError()) {
      return Optional.empty();
    }
    Optional<IOException> failure =
        results instanceof ResultWriter writer ? writer.failure() : Optional.empty();
    return Optional.of(
        "standard output could not be written"
            + failure.map(e -> ": " + e.getMessage()).orElse("")
            + "; results are lost");
  }
}
