package dev.sparsed.cli;

import picocli.CommandLine.Command;

/** The command {@code bench}. */
@Command(
    name = "bench",
    description = "Measures attention calls or whole generations.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = {BenchAttentionCommand.class, BenchGenerateCommand.class},
    footer = {
      "",
      "Examples:",
      "  ./sparsed bench attention",
      "  ./sparsed bench attention --seq 16384 --minutes 10",
      "  ./sparsed bench generate -p 4k -n 32 --steps 32"
    })
final class BenchCommand {}
