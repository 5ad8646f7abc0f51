package dev.sparsed.cli;

import dev.sparsed.cli.options.MethodArguments;
import dev.sparsed.eval.bench.GenerationBenchmark;
import dev.sparsed.eval.bench.GenerationReport;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.ModelMethods;
import dev.sparsed.models.method.Method;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code bench generate}. */
@Command(
    name = "generate",
    sortOptions = false,
    description =
        "Times the steps of generations with full attention and with a method, after one generation"
            + " of each that does not count.",
    footer = {
      "",
      "Examples:",
      "  ./sparsed bench generate -p 4k -n 32 --steps 32",
      "  ./sparsed bench generate -m ./LLaDA-8B -p 8k --select 0.5 --runs 5",
      "  ./sparsed bench generate --method dual-cache --json",
      "  ./sparsed bench generate -m ./LLaDA-8B -p 1k -n 32 --steps 32 --profile"
    })
final class BenchGenerateCommand implements Callable<Integer> {

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Generations that count (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--profile",
      description =
          "Count what the time of steps goes to: products, attention, scores of blocks, cache, norms,"
              + " rotary embedding, activation, other work on rows, head, sampler, and the rest.")
  private boolean profile;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final GenerationBenchArguments generation = new GenerationBenchArguments();
  @Mixin private final MethodArguments method = new MethodArguments();

  @Override
  public Integer call() throws Exception {
    GenerationBenchArguments.requireRuns(runs);
    GenerationBenchArguments.Inputs inputs = generation.read();
    int[] tokens = inputs.tokens().toArray();
    GenerationRequest.Builder full =
        inputs
            .requests()
            .of(() -> baseline(new ModelMethods(inputs.defaults().decoding()), method.method()));
    GenerationRequest.Builder asked = inputs.requests().of(method::method);
    full.prompt(tokens).stopAt();
    asked.prompt(tokens).stopAt();
    try (DiffusionModel loaded = generation.load(inputs)) {
      if (profile && loaded.describe().device().kind() != ComputeDevice.Kind.CPU) {
        throw new BadUseException(
            "--profile counts the time of the processor, but the model is on "
                + loaded.describe().device()
                + "; take --device cpu");
      }
      List<GenerationBenchmark.Result> results =
          Interruption.during(() -> measure(loaded, full, asked));
      GenerationReport report =
          new GenerationReport(
              inputs.location().name(),
              loaded.describe(),
              tokens.length,
              generation.generationLength(),
              asked.build().steps(),
              results,
              results.size() < 2 || results.stream().anyMatch(each -> each.total().count() < runs));
      generation.output().print(spec.commandLine().getOut(), report::json, report::print);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e); // The model refuses the request.
    }
    return 0;
  }

  /** Full attention without a cache, which decodes the same tokens in the same blocks. */
  private Method baseline(ModelMethods methods, Method method) {
    return new Method(
        Method.FULL.attention(),
        Method.FULL.cache(),
        method
            .decoding()
            .withBlockLength(methods.blockLength(method, generation.generationLength())));
  }

  /** Full attention and the method, or as many of them as there was time for. */
  private List<GenerationBenchmark.Result> measure(
      DiffusionModel loaded, GenerationRequest.Builder full, GenerationRequest.Builder asked) {
    PrintWriter err = spec.commandLine().getErr();
    GenerationBenchmark benchmark = new GenerationBenchmark(loaded, runs, profile);
    err.println("measuring full attention");
    err.flush();
    Optional<GenerationBenchmark.Result> first = benchmark.measure("full", full);
    if (first.isEmpty()) {
      return List.of();
    }
    err.println("measuring " + method.name());
    err.flush();
    return Stream.concat(first.stream(), benchmark.measure(method.name(), asked).stream()).toList();
  }
}
