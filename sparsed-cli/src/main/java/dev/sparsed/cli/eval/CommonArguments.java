package dev.sparsed.cli.eval;

import picocli.CommandLine.Option;

/** Options that every command has. */
abstract class CommonArguments {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  @Option(names = "--verbose", description = "Show the stack trace of a failure.")
  boolean verbose;
}
