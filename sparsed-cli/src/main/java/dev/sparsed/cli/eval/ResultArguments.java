package dev.sparsed.cli.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command's results go besides its table. */
final class ResultArguments {

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Also write the results to this file, as JSON.")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  /**
   * Refuses a file that cannot be written before anything is computed.
   *
   * @throws IllegalArgumentException if it cannot
   */
  void check(GivenFiles files) {
    files.writes("--out", out);
  }

  /** Writes results to the file that was asked for, if any. */
  void save(ObjectNode results) throws IOException {
    if (out != null) {
      WholeFile.write(out, results.toPrettyString() + "\n");
    }
  }

  void print(PrintWriter printer, ObjectNode results, Supplier<String> table) {
    printer.print(json ? results.toPrettyString() + "\n" : table.get());
    printer.flush();
  }
}
