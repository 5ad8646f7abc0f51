package dev.sparsed.examples.eval;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.examples.eval.speed.SpeedCase;
import dev.sparsed.examples.eval.speed.SpeedChart;
import dev.sparsed.examples.eval.speed.SpeedReport;
import dev.sparsed.examples.eval.speed.SpeedRow;
import dev.sparsed.examples.eval.speed.SpeedRun;
import dev.sparsed.examples.eval.speed.SpeedSample;
import dev.sparsed.examples.eval.speed.SpeedSubject;
import dev.sparsed.examples.prompts.TokenLengths;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sparsed eval speed}. */
@Command(
    name = "speed",
    sortOptions = false,
    description = "Measures tokens per second, time per step and memory of methods.")
final class SpeedCommand extends CommonArguments implements Callable<Integer>, RunInputs {

  private final EvalModelSource models;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"--methods", "--method"},
      paramLabel = "NAMES",
      defaultValue = "full,sparsed",
      description =
          "Methods with commas between them, such as full,sparsed,sparse-dllm,dual-cache+threshold"
              + " (default: ${DEFAULT-VALUE}).")
  private String methods = "full,sparsed";

  @Option(
      names = "--contexts",
      paramLabel = "TOKENS",
      defaultValue = "4k",
      description = "Prompt lengths, such as 4k,8k (default: ${DEFAULT-VALUE}).")
  private String contexts = "4k";

  @Option(
      names = {"--gen", "--seq_len"},
      paramLabel = "TOKENS",
      defaultValue = "128",
      description = "Tokens to generate, such as 64,128 (default: ${DEFAULT-VALUE}).")
  private String generations = "128";

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Denoising steps (default: one per token).")
  private @Nullable Integer steps;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Generations of each case that count (default: ${DEFAULT-VALUE}).")
  private int runs = 3;

  @Option(
      names = "--warmups",
      paramLabel = "N",
      defaultValue = "1",
      description = "Generations of each case before those (default: ${DEFAULT-VALUE}).")
  private int warmups = 1;

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
      names = "--out",
      paramLabel = "FILE",
      description = "Also write the measurements to this file, as JSON.")
  private @Nullable Path out;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Also draw the measurements, as PNG.")
  private @Nullable Path chart;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Mixin private final EvalModelArguments model = new EvalModelArguments();
  @Mixin private final MethodArguments methodArguments = new MethodArguments();
  @Mixin private final SamplingArguments sampling = new SamplingArguments();

  SpeedCommand(EvalModelSource models) {
    this.models = models;
  }

  @Override
  public Integer call() throws IOException {
    Map<String, Method> byName = new LinkedHashMap<>();
    ImmutableList<SpeedCase> cases;
    String compared;
    SpeedRun run;
    try {
      for (Method method : Method.parseList(methods, methodArguments.parameters())) {
        byName.put(method.name(), method);
      }
      cases = cases(byName);
      compared = baseline(byName);
      run =
          new SpeedRun(
              warmups,
              warmupSteps == null ? OptionalInt.empty() : OptionalInt.of(warmupSteps),
              runs);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    methodArguments.noteUnused(byName.values(), spec.commandLine().getErr());
    try (EvalModel opened = open();
        EvalProgress progress =
            new EvalProgress(spec.commandLine().getErr(), "cases", cases.size())) {
      List<SpeedRow> done = new ArrayList<>();
      run.measure(
          subject(opened, byName),
          cases,
          row -> {
            done.add(row);
            progress.at(done.size(), cases.size(), row.speedCase().method());
            // After every case: hours of measurements must not hang on the last one.
            save(report(opened, byName, compared, done, run.countsMemoryPerCase()));
          });
      show(report(opened, byName, compared, done, run.countsMemoryPerCase()));
    }
    return 0;
  }

  private EvalModel open() {
    try {
      return models.open(model);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private SpeedSubject subject(EvalModel opened, Map<String, Method> byName) {
    return new SpeedSubject() {
      @Override
      public void check(SpeedCase speedCase) {
        opened.check(method(byName, speedCase), sampling, speedCase);
      }

      @Override
      public SpeedSample generate(SpeedCase speedCase) {
        return opened.time(method(byName, speedCase), sampling, speedCase, seed);
      }
    };
  }

  /** The name under which the baseline is among the methods, however it is spelled. */
  private String baseline(Map<String, Method> byName) {
    if (baseline == null) {
      return byName.containsKey("full") ? "full" : byName.keySet().iterator().next();
    }
    Method wanted = Method.parse(baseline, methodArguments.parameters());
    for (Method method : byName.values()) {
      if (method.description().equals(wanted.description())) {
        return method.name();
      }
    }
    throw new IllegalArgumentException(
        "--baseline %s is none of --methods, which are %s"
            .formatted(baseline, String.join(", ", byName.keySet())));
  }

  @Override
  public ImmutableMap<String, String> inputs() {
    return RunInputs.model(models, model);
  }

  private static Method method(Map<String, Method> byName, SpeedCase speedCase) {
    Method method = byName.get(speedCase.method());
    if (method == null) {
      throw new IllegalStateException("no method " + speedCase.method());
    }
    return method;
  }

  private ImmutableList<SpeedCase> cases(Map<String, Method> byName) {
    ImmutableList.Builder<SpeedCase> cases = ImmutableList.builder();
    for (int generation : TokenLengths.parseList(generations)) {
      for (int context : TokenLengths.parseList(contexts)) {
        for (String method : byName.keySet()) {
          cases.add(new SpeedCase(method, context, generation, steps == null ? generation : steps));
        }
      }
    }
    return cases.build();
  }

  private SpeedReport report(
      EvalModel opened,
      Map<String, Method> byName,
      String compared,
      List<SpeedRow> rows,
      boolean memoryPerCase) {
    ImmutableMap.Builder<String, String> about = ImmutableMap.builder();
    about.putAll(opened.identity());
    byName.forEach((name, method) -> about.put("method " + name, method.description()));
    sampling.settings().forEach((name, value) -> about.put("sampling " + name, value));
    about.put(
        "runs",
        runs
            + " after "
            + warmups
            + " that do not count"
            + (warmupSteps == null ? "" : ", of " + warmupSteps + " steps"));
    about.put(
        "host memory",
        memoryPerCase
            ? "most resident memory of the process during the case, weights included"
            : "most resident memory of the process so far; this system cannot set the count back");
    about.putAll(MachineFacts.of());
    return new SpeedReport(
        about.buildOrThrow(), opened.endOfText(sampling), compared, ImmutableList.copyOf(rows));
  }

  private void save(SpeedReport report) {
    if (out != null) {
      try {
        Files.writeString(out, report.toJson().toPrettyString() + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException("the measurements cannot be written to " + out, e);
      }
    }
  }

  private void show(SpeedReport report) throws IOException {
    PrintWriter printer = spec.commandLine().getOut();
    printer.print(json ? report.toJson().toPrettyString() + "\n" : report.toText());
    printer.flush();
    if (chart != null) {
      SpeedChart.write(report, chart);
    }
  }
}
