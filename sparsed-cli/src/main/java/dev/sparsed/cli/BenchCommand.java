package dev.sparsed.cli;

import picocli.CommandLine.Command;

/** The command {@code bench}. */
@Command(
    name = "bench",
    description = "Measures attention, products, generations, or many at once.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchAttentionCommand.class,
      BenchProductsCommand.class,
      BenchGenerateCommand.class,
      BenchThroughputCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed bench attention",
      "  ./sparsed bench attention --seq 16384 --minutes 10",
      "  ./sparsed bench generate -p 4k -n 32 --steps 32",
      "  ./sparsed bench throughput --sequences 8 --cache dual-cache --block_length 32"
    })
final class BenchCommand {}
