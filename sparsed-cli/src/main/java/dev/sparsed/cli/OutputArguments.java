package dev.sparsed.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import java.io.PrintWriter;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** How a command reports. */
@SuppressWarnings("UnusedVariable") // Picocli and Failures look for --help and --verbose.
@InSection(OptionSection.OUTPUT)
final class OutputArguments {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Option(names = "--verbose", description = "Show the stack trace of a failure.")
  private boolean verbose;

  boolean json() {
    return json;
  }

  /** Prints a report in the form that was asked for. */
  void print(PrintWriter out, Supplier<? extends JsonNode> asJson, Consumer<PrintWriter> asText) {
    if (json) {
      Json.print(out, asJson.get());
    } else {
      asText.accept(out);
    }
  }
}
