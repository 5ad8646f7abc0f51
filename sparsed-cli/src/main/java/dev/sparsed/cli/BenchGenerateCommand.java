package dev.sparsed.cli;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.eval.bench.GenerationBenchmark;
import dev.sparsed.eval.bench.GenerationReport;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.checkpoint.Checkpoint;
import dev.sparsed.models.checkpoint.GenerationConfig;
import dev.sparsed.models.checkpoint.ModelConfig;
import dev.sparsed.models.decoding.DecodingPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
        "Times the steps of generations with full attention and with SparseD, after one generation"
            + " of each that does not count.")
final class BenchGenerateCommand implements Callable<Integer> {

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Generations that count (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final ModelArguments model = new ModelArguments();
  @Mixin private final PromptArguments prompt = new PromptArguments();
  @Mixin private final DecodingArguments decoding = new DecodingArguments();
  @Mixin private final PatternArguments pattern = new PatternArguments();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() throws Exception {
    if (runs < 1) {
      throw new BadUseException("--runs must be at least 1 but is " + runs);
    }
    ModelArguments.Location location = model.locate(Optional.empty());
    ModelConfig config;
    GenerationConfig defaults;
    try (Checkpoint checkpoint = Checkpoint.open(location.folder())) {
      config = checkpoint.config();
      defaults = checkpoint.generationConfig();
    }
    DecodingPolicy policy = decoding.policy(config, defaults, CachePolicy.none());
    AttentionPolicy sparse = pattern.policy();
    int[] tokens = tokens(location, config, defaults);
    Supplier<GenerationRequest.Builder> request =
        () ->
            GenerationRequest.builder()
                .prompt(tokens)
                .generationLength(decoding.generationLength())
                .steps(decoding.steps())
                .seed(decoding.seed())
                .decoding(policy);
    try (DiffusionModel loaded = DiffusionModel.load(location.folder(), model.options())) {
      List<GenerationBenchmark.Result> results =
          Interruption.during(() -> measure(loaded, sparse, request));
      GenerationReport report =
          new GenerationReport(
              location.name(),
              loaded.describe(),
              tokens.length,
              decoding.generationLength(),
              decoding.steps(),
              results,
              results.size() < 2 || results.stream().anyMatch(each -> each.total().count() < runs));
      PrintWriter out = spec.commandLine().getOut();
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

  /** Full attention and SparseD, or as many of them as there was time for. */
  private List<GenerationBenchmark.Result> measure(
      DiffusionModel loaded, AttentionPolicy sparse, Supplier<GenerationRequest.Builder> request) {
    PrintWriter err = spec.commandLine().getErr();
    GenerationBenchmark benchmark = new GenerationBenchmark(loaded, runs);
    err.println("measuring full attention");
    err.flush();
    Optional<GenerationBenchmark.Result> full =
        benchmark.measure("full", AttentionPolicy.full(), request);
    if (full.isEmpty()) {
      return List.of();
    }
    err.println("measuring SparseD");
    err.flush();
    return Stream.concat(full.stream(), benchmark.measure("sparsed", sparse, request).stream())
        .toList();
  }

  private int[] tokens(
      ModelArguments.Location location, ModelConfig config, GenerationConfig defaults)
      throws IOException {
    Optional<int[]> given = prompt.tokens(config);
    if (given.isPresent()) {
      return given.get();
    }
    try (PromptTokens texts = new PromptTokens(location, defaults.endTokens(), prompt.raw())) {
      return texts.encode(texts.read(prompt).text());
    }
  }
}
