package dev.sparsed.cli;

import dev.sparsed.cli.options.SamplingArguments;
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
  @Mixin private final ModelArguments model = new ModelArguments();
  @Mixin private final PromptArguments prompt = new PromptArguments();
  @Mixin private final DecodingArguments decoding = new DecodingArguments();
  @Mixin private final SamplingArguments sampling = new SamplingArguments();
  @Mixin private final SpelledMethodArguments method = new SpelledMethodArguments();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws Exception {
    if (runs < 1) {
      throw new BadUseException("--runs must be at least 1 but is " + runs);
    }
    if (sequences < 1 || sequences > MOST_SEQUENCES) {
      throw new BadUseException(
          "--sequences must be 1 to " + MOST_SEQUENCES + " but is " + sequences);
    }
    BenchInputs inputs = BenchInputs.read(model, prompt);
    int[] tokens = inputs.tokens().toArray();
    MethodRequest requests = inputs.requests(decoding, sampling);
    List<GenerationRequest> all = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int[] own = Arrays.copyOfRange(tokens, Math.min(i, tokens.length - 1), tokens.length);
      all.add(requests.of(method::method).prompt(own).seed(decoding.seed() + i).stopAt().build());
    }
    try (DiffusionModel loaded = DiffusionModel.load(inputs.location().folder(), model.options())) {
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
              decoding.generationLength(),
              result.get());
      if (output.json()) {
        Json.print(out, report.json());
      } else {
        report.print(out);
      }
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e); // The model refuses the request.
    }
    return 0;
  }
}
