package dev.sparsed.cli.eval;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import dev.sparsed.cli.options.EarlyStopArguments;
import dev.sparsed.cli.options.MethodSettingArguments;
import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.eval.prompts.TokenLengths;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedChart;
import dev.sparsed.eval.speed.SpeedReport;
import dev.sparsed.eval.speed.SpeedRow;
import dev.sparsed.eval.speed.SpeedRun;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.eval.speed.SpeedSubject;
import dev.sparsed.internal.WholeFile;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
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
      description =
          "Denoising steps (default: one per token, for methods with threshold one per block).")
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
  @Mixin private final MethodSettingArguments methodSettings = new MethodSettingArguments();
  @Mixin private final SamplingArguments sampling = new SamplingArguments();
  @Mixin private final EarlyStopArguments earlyStop = new EarlyStopArguments();

  SpeedCommand(EvalModelSource models) {
    this.models = models;
  }

  /** What is measured: the methods by their names, one of which is the baseline. */
  private record Plan(
      Map<String, Method> methods,
      String baseline,
      Map<String, String> sampling,
      ImmutableList<SpeedCase> cases) {

    Method method(SpeedCase speedCase) {
      Method method = methods.get(speedCase.method());
      if (method == null) {
        throw new IllegalStateException("no method " + speedCase.method());
      }
      return method;
    }
  }

  @Override
  public Integer call() throws IOException {
    Map<String, Method> asked;
    SpeedRun run;
    try {
      GivenFiles files = new GivenFiles();
      files.writes("--out", out);
      files.writes("--chart", chart);
      asked = Method.parseList(methods, methodSettings.settings());
      run =
          new SpeedRun(
              warmups,
              warmupSteps == null ? OptionalInt.empty() : OptionalInt.of(warmupSteps),
              runs);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    methodSettings.noteUnused(asked, spec.commandLine().getErr());
    try (EvalModel opened = open()) {
      measure(opened, plan(opened, asked), run);
    }
    return 0;
  }

  private void measure(EvalModel opened, Plan plan, SpeedRun run) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    List<SpeedRow> done = new ArrayList<>();
    run.measure(
        subject(opened, plan),
        plan.cases(),
        new SpeedRun.Listener() {
          @Override
          public void begins(SpeedCase its) {
            err.printf(
                Locale.ROOT,
                "case %d/%d: %s, %d + %d tokens%n",
                done.size() + 1,
                plan.cases().size(),
                its.method(),
                its.context(),
                its.generation());
            err.flush();
          }

          @Override
          public void done(SpeedRow row) {
            done.add(row);
            // Lines stay where they are: who stops the command keeps what it has measured.
            err.println("  " + SpeedReport.brief(row));
            err.flush();
            // After every case: hours of measurements must not hang on the last one.
            save(report(opened, plan, done, run.countsMemoryPerCase()));
          }
        });
    show(report(opened, plan, done, run.countsMemoryPerCase()));
  }

  private EvalModel open() {
    try {
      return models.open(model);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private SpeedSubject subject(EvalModel opened, Plan plan) {
    return new SpeedSubject() {
      @Override
      public void check(SpeedCase speedCase) {
        opened.check(use(plan.method(speedCase)), speedCase);
      }

      @Override
      public SpeedSample generate(SpeedCase speedCase) {
        return opened.time(use(plan.method(speedCase)), speedCase, seed);
      }
    };
  }

  private MethodUse use(Method method) {
    return new MethodUse(method, sampling.sampling(), earlyStop.given());
  }

  private Plan plan(EvalModel opened, Map<String, Method> asked) {
    try {
      return new Plan(
          asked, baseline(opened, asked), sampling(opened, asked), cases(opened, asked));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** How tokens are chosen; where methods differ in that, the value of each. */
  private Map<String, String> sampling(EvalModel opened, Map<String, Method> asked) {
    Map<String, Map<String, String>> values = new LinkedHashMap<>();
    asked.forEach(
        (name, method) ->
            opened
                .settings(use(method))
                .forEach(
                    (setting, value) ->
                        values
                            .computeIfAbsent(setting, key -> new LinkedHashMap<>())
                            .put(name, value)));
    return Maps.transformValues(
        values,
        byMethod ->
            byMethod.values().stream().distinct().count() == 1
                ? byMethod.values().iterator().next()
                : Joiner.on(", ").withKeyValueSeparator(": ").join(byMethod));
  }

  /** The name under which the baseline is among the methods, however it is spelled. */
  private String baseline(EvalModel opened, Map<String, Method> asked) {
    if (baseline == null) {
      String full = Method.FULL.name();
      return asked.containsKey(full) ? full : asked.keySet().iterator().next();
    }
    String wanted = opened.describe(Method.parse(baseline, methodSettings.settings()));
    return asked.entrySet().stream()
        .filter(method -> opened.describe(method.getValue()).equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format(
                        Locale.ROOT,
                        "--baseline %s is none of --methods, which are %s",
                        baseline,
                        String.join(", ", asked.keySet()))))
        .getKey();
  }

  @Override
  public ImmutableMap<String, String> inputs() {
    return RunInputs.model(models, model);
  }

  private ImmutableList<SpeedCase> cases(EvalModel opened, Map<String, Method> asked) {
    // What is given twice, or becomes the same, is measured once.
    Set<Integer> lengths = new LinkedHashSet<>();
    for (int wanted : TokenLengths.parseList(generations)) {
      int length = CommonLength.of(opened, asked.values(), wanted);
      if (length != wanted) {
        spec.commandLine()
            .getErr()
            .printf(
                Locale.ROOT, "--gen %d becomes %d: methods decode whole blocks%n", wanted, length);
      }
      lengths.add(length);
    }
    ImmutableList.Builder<SpeedCase> cases = ImmutableList.builder();
    for (int length : lengths) {
      for (int context : ImmutableSet.copyOf(TokenLengths.parseList(contexts))) {
        asked.forEach(
            (name, method) ->
                cases.add(
                    new SpeedCase(
                        name, context, length, steps == null ? method.usualSteps(length) : steps)));
      }
    }
    return cases.build();
  }

  private SpeedReport report(
      EvalModel opened, Plan plan, List<SpeedRow> rows, boolean memoryPerCase) {
    ImmutableMap.Builder<String, String> about = ImmutableMap.builder();
    about.putAll(opened.identity());
    plan.methods().forEach((name, method) -> about.put("method " + name, opened.describe(method)));
    plan.sampling().forEach((name, value) -> about.put("sampling " + name, value));
    about.put("sampling early_stop", Boolean.toString(earlyStop.given()));
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
        about.buildOrThrow(),
        opened.endOfText(earlyStop.given()),
        plan.baseline(),
        ImmutableList.copyOf(rows),
        plan.cases().size());
  }

  private void save(SpeedReport report) {
    if (out != null) {
      try {
        WholeFile.write(out, report.toJson().toPrettyString() + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
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
