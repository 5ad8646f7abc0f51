package dev.sparsed.cli.eval;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import picocli.CommandLine.Option;

/** Options that every command has. */
@InSection(OptionSection.OUTPUT)
abstract class CommonArguments {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  @Option(names = "--verbose", description = "Show the stack trace of a failure.")
  boolean verbose;
}
