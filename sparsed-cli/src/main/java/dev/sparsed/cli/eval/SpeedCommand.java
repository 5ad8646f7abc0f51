package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.cli.options.EarlyStopArguments;
import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.cli.options.GivenLengths;
import dev.sparsed.cli.options.MethodSettingArguments;
import dev.sparsed.cli.options.PluginArguments;
import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.eval.SpeedEvaluation;
import dev.sparsed.eval.SpeedSettings;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedChart;
import dev.sparsed.eval.speed.SpeedReport;
import dev.sparsed.eval.speed.SpeedRow;
import dev.sparsed.eval.speed.SpeedRun;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sparsed eval speed}. */
@Command(
    name = "speed",
    sortOptions = false,
    description = "Measures tokens per second, time per step and memory of methods.",
    footer = {
      "",
      "Examples:",
      "  ./sparsed eval speed",
      "  ./sparsed eval speed --contexts 1k,2k,4k -n 64 --chart speed.png",
      "  ./sparsed eval speed -m ./Dream-7B --contexts 8k --runs 1 --out speed.json"
    })
final class SpeedCommand extends CommonArguments implements Callable<Integer>, RunInputs {

  private final EvalModelSource models;

  @Option(
      names = {"--methods", "--method"},
      paramLabel = "NAMES",
      defaultValue = "full,sparsed",
      description =
          "Methods with commas between them, such as full,sparsed,sparse-dllm,dual-cache+threshold"
              + " (default: ${DEFAULT-VALUE}).")
  private String methods = "full,sparsed";

  @SuppressWarnings("UnusedVariable") // Adds the jars while it is parsed.
  @Mixin
  private final PluginArguments plugins = new PluginArguments();

  @Option(
      names = "--contexts",
      paramLabel = "TOKENS",
      defaultValue = "4k",
      description = "Prompt lengths, such as 4k,8k (default: ${DEFAULT-VALUE}).")
  private String contexts = "4k";

  @Option(
      names = {"-n", "--gen", "--seq_len"},
      paramLabel = "TOKENS",
      defaultValue = "" + SpeedSettings.DEFAULT_GENERATION,
      description = "Tokens to generate, such as 64,128 (default: ${DEFAULT-VALUE}).")
  private String generations = "" + SpeedSettings.DEFAULT_GENERATION;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Denoising steps (default: one per token, for methods with threshold one per block).")
  private @Nullable Integer steps;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "" + SpeedSettings.DEFAULT_RUNS,
      description = "Generations of each case that count (default: ${DEFAULT-VALUE}).")
  private int runs = SpeedSettings.DEFAULT_RUNS;

  @Option(
      names = "--warmups",
      paramLabel = "N",
      defaultValue = "" + SpeedSettings.DEFAULT_WARMUPS,
      description = "Generations of each case before those (default: ${DEFAULT-VALUE}).")
  private int warmups = SpeedSettings.DEFAULT_WARMUPS;

  @Option(
      names = "--warmup_steps",
      paramLabel = "N",
      description =
          "Denoising steps of those that do not count, fewer where a generation takes minutes"
              + " (default: as many as those that do).")
  private @Nullable Integer warmupSteps;

  @Option(
      names = "--baseline",
      paramLabel = "NAME",
      description =
          "The one of the methods that the others are compared with (default: full where it is one"
              + " of them, else the first).")
  private @Nullable String baseline;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Also draw the measurements, as PNG.")
  private @Nullable Path chart;

  @Mixin private final ResultArguments results = new ResultArguments();

  @Mixin private final EvalModelArguments model = new EvalModelArguments();
  @Mixin private final MethodSettingArguments methodSettings = new MethodSettingArguments();
  @Mixin private final SamplingArguments sampling = new SamplingArguments();
  @Mixin private final EarlyStopArguments earlyStop = new EarlyStopArguments();

  SpeedCommand(EvalModelSource models) {
    this.models = models;
  }

  @Override
  public Integer call() throws IOException {
    SpeedSettings settings;
    try {
      GivenFiles files = new GivenFiles();
      results.check(files);
      files.writes("--chart", chart);
      settings = settings(Method.parseList(methods, methodSettings.settings()));
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
    methodSettings.noteUnused(settings.methods(), err());
    try (EvalModel opened = open()) {
      measure(plan(opened, settings));
    }
    return 0;
  }

  private SpeedSettings settings(Map<String, Method> asked) {
    return SpeedSettings.of(asked)
        .withSampling(sampling.sampling(), earlyStop.given())
        .withLengths(
            GivenLengths.several("--contexts", contexts),
            GivenLengths.several("--seq_len", generations))
        .withSteps(number(steps))
        .withRun(new SpeedRun(warmups, number(warmupSteps), runs))
        .withSeed(seed);
  }

  private static OptionalInt number(@Nullable Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private EvalModel open() {
    try {
      return models.open(model);
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
  }

  private SpeedEvaluation plan(EvalModel opened, SpeedSettings settings) {
    try {
      SpeedEvaluation planned =
          new SpeedEvaluation(opened, settings.withBaseline(baseline(opened, settings)));
      planned
          .lengths()
          .forEach(
              (wanted, length) -> {
                if (!length.equals(wanted)) {
                  err()
                      .printf(
                          Locale.ROOT,
                          "--gen %d becomes %d: methods decode whole blocks%n",
                          wanted,
                          length);
                }
              });
      return planned;
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
  }

  /** The name under which the baseline is among the methods, however it is spelled. */
  private String baseline(EvalModel opened, SpeedSettings settings) {
    if (baseline == null) {
      return settings.baseline();
    }
    Method wanted = Method.parse(baseline, methodSettings.settings());
    return SpeedEvaluation.nameOf(opened, settings.methods(), wanted)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format(
                        Locale.ROOT,
                        "--baseline %s is none of --methods, which are %s",
                        baseline,
                        String.join(", ", settings.methods().keySet()))));
  }

  private void measure(SpeedEvaluation evaluation) throws IOException {
    PrintWriter err = err();
    int cases = evaluation.cases().size();
    SpeedReport report =
        evaluation.run(
            new SpeedEvaluation.Listener() {
              @Override
              public void begins(int number, SpeedCase its) {
                err.printf(
                    Locale.ROOT,
                    "case %d/%d: %s, %d + %d tokens%n",
                    number,
                    cases,
                    its.method(),
                    its.context(),
                    its.generation());
                err.flush();
              }

              @Override
              public void done(SpeedRow row, SpeedReport soFar) {
                // Lines stay where they are: who stops the command keeps what it has measured.
                err.println("  " + SpeedReport.brief(row));
                err.flush();
                save(soFar);
              }
            });
    show(report);
  }

  @Override
  public ImmutableMap<String, String> inputs() {
    return RunInputs.model(
        models,
        model,
        opened ->
            new SpeedEvaluation(
                    opened, settings(Method.parseList(methods, methodSettings.settings())))
                .identity());
  }

  private void save(SpeedReport report) {
    try {
      results.save(report.toJson());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void show(SpeedReport report) throws IOException {
    results.print(out(), report.toJson(), report::toText);
    if (chart != null) {
      SpeedChart.write(report, chart);
    }
  }
}
