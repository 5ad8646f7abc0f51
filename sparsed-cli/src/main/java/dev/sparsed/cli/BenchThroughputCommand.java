package dev.sparsed.cli;

import dev.sparsed.cli.options.SpelledMethodArguments;
import dev.sparsed.eval.bench.ThroughputBenchmark;
import dev.sparsed.eval.bench.ThroughputReport;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code bench throughput}. */
@Command(
    name = "throughput",
    sortOptions = false,
    description = {
      "Times the same generations one after the other and all at the same time, when they share their"
          + " forward passes, after one that does not count. Every sequence has its own beginning of"
          + " the prompt and its own seed."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed bench throughput --sequences 8 --cache dual-cache --block_length 32 --json",
      "  ./sparsed bench throughput --sequences 4 -p 4k -n 64 --method sparsed",
      "  ./sparsed bench throughput -m my-model --cache dual-cache --block_length 4 --runs 3"
    })
final class BenchThroughputCommand implements Callable<Integer> {

  private static final int MOST_SEQUENCES = 1024;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "8",
      description = "Generations that run at the same time (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often either way is run, in turns (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final GenerationBenchArguments generation = new GenerationBenchArguments();
  @Mixin private final SpelledMethodArguments method = new SpelledMethodArguments();

  @Override
  public Integer call() throws Exception {
    GenerationBenchArguments.requireRuns(runs);
    if (sequences < 1 || sequences > MOST_SEQUENCES) {
      throw new BadUseException(
          "--sequences must be 1 to " + MOST_SEQUENCES + " but is " + sequences);
    }
    GenerationBenchArguments.Inputs inputs = generation.read();
    int[] tokens = inputs.tokens().toArray();
    List<GenerationRequest> all = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int[] own = Arrays.copyOfRange(tokens, Math.min(i, tokens.length - 1), tokens.length);
      all.add(
          inputs
              .requests()
              .of(method::method)
              .prompt(own)
              .seed(generation.seed() + i)
              .stopAt()
              .build());
    }
    try (DiffusionModel loaded = generation.load(inputs)) {
      Optional<ThroughputBenchmark.Result> result =
          Interruption.during(() -> new ThroughputBenchmark(loaded, runs).measure(all));
      PrintWriter out = spec.commandLine().getOut();
      if (result.isEmpty()) {
        out.println("Cancelled before both ways were run");
        out.flush();
        return 0;
      }
      ThroughputReport report =
          new ThroughputReport(
              inputs.location().name(),
              method.method().name(),
              loaded.describe(),
              tokens.length,
              generation.generationLength(),
              result.get());
      generation.output().print(out, report::json, report::print);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e); // The model refuses the request.
    }
    return 0;
  }
}
