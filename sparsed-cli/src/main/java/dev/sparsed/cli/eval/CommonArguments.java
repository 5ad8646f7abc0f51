package dev.sparsed.cli.eval;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command has: options, where it writes, and how it refuses. */
@InSection(OptionSection.OUTPUT)
abstract class CommonArguments {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  @Option(names = "--verbose", description = "Show the stack trace of a failure.")
  boolean verbose;

  final CommandLine commandLine() {
    return spec.commandLine();
  }

  final PrintWriter out() {
    return commandLine().getOut();
  }

  final PrintWriter err() {
    return commandLine().getErr();
  }

  /** Says of a value what the library says of it, which is clear enough for the command line. */
  final ParameterException badUse(Exception cause) {
    return badUse(String.valueOf(cause.getMessage()), cause);
  }

  final ParameterException badUse(String message, Exception cause) {
    return new ParameterException(commandLine(), message, cause);
  }
}
