package dev.sparsed.cli.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.cli.options.EarlyStopArguments;
import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.cli.options.MethodArguments;
import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.eval.AccuracyEvaluation;
import dev.sparsed.eval.AccuracyResult;
import dev.sparsed.eval.AccuracySettings;
import dev.sparsed.eval.Feasibility;
import dev.sparsed.eval.Throughput;
import dev.sparsed.eval.accuracy.AccuracyRun;
import dev.sparsed.eval.accuracy.EvalTask;
import dev.sparsed.eval.accuracy.FewShot;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.eval.accuracy.Metric;
import dev.sparsed.eval.accuracy.PredictionLog;
import dev.sparsed.eval.accuracy.PredictionLogException;
import dev.sparsed.eval.accuracy.RunSettings;
import dev.sparsed.eval.accuracy.TaskFile;
import dev.sparsed.eval.accuracy.TaskFileException;
import dev.sparsed.eval.cluster.ClusterModel;
import dev.sparsed.eval.cluster.EvalCluster;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.eval.run.Fingerprint;
import dev.sparsed.internal.Utf8;
import dev.sparsed.internal.WholeFile;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sparsed eval accuracy}. */
@Command(
    name = "accuracy",
    sortOptions = false,
    description = {
      "Answers the tasks of a file and scores the answers.",
      "A killed run continues where it stopped when the same command is given again."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed eval accuracy --data tasks.jsonl --out predictions.jsonl",
      "  ./sparsed eval accuracy --data tasks.jsonl --out full.jsonl --method full",
      "  ./sparsed eval accuracy --data a.jsonl --few_shot shots.jsonl --out out.jsonl",
      "  ./sparsed eval accuracy --data a.jsonl --out out.jsonl --spark spark://host:7077"
    })
final class AccuracyCommand extends CommonArguments implements Callable<Integer>, RunInputs {

  private final EvalModelSource models;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "Tasks, one JSON object per line; docs/evaluation.md gives the fields.")
  private Path data = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Predictions, one JSON object per line, added as they come.")
  private Path out = Path.of("");

  @Option(
      names = "--summary",
      paramLabel = "FILE",
      description = "Also write the scores, the speed and the memory to this file, as JSON.")
  private @Nullable Path summary;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description =
          "Metric of the tasks that name none: exact_match, contains_all, contains_any,"
              + " last_number, multiple_choice, none.")
  private @Nullable String metric;

  @Option(
      names = "--few_shot",
      paramLabel = "FILE",
      description = "Solved examples to put before every task, in the form of the tasks.")
  private @Nullable Path fewShot;

  @Option(
      names = "--shots",
      paramLabel = "K",
      description = "How many of the examples to put (default: 1).")
  private @Nullable Integer shots;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N tasks.")
  private @Nullable Integer limit;

  @Mixin private final EvalModelArguments model = new EvalModelArguments();

  @Mixin private final MethodArguments method = new MethodArguments();
  @Mixin private final SamplingArguments sampling = new SamplingArguments();
  @Mixin private final EarlyStopArguments earlyStop = new EarlyStopArguments();

  @Option(
      names = {"-n", "--seq_len"},
      paramLabel = "N",
      defaultValue = "" + AccuracySettings.DEFAULT_LENGTH,
      description = "Tokens to generate where a task does not say (default: ${DEFAULT-VALUE}).")
  private int generationLength = AccuracySettings.DEFAULT_LENGTH;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Denoising steps (default: one per token, for methods with threshold one per block).")
  private @Nullable Integer steps;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Tasks answered together (default: ${DEFAULT-VALUE}). This makes nothing faster: the"
              + " tasks of a batch run one after the other in each step, share no matrix product"
              + " and give what they give alone.")
  private int batch = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--apply_chat_template",
      description = "Render plain prompts as a user's message with the model's chat template.")
  private boolean chatTemplate;

  @Option(
      names = "--spark",
      paramLabel = "MASTER",
      description =
          "Spread the tasks over a Spark cluster, such as spark://host:7077 or local[2]; the answers"
              + " are the same. Docs: docs/integrations.md.")
  private @Nullable String spark;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  AccuracyCommand(EvalModelSource models) {
    this.models = models;
  }

  @Override
  public Integer call() throws IOException {
    AccuracySettings settings;
    ImmutableList<EvalTask> tasks;
    try {
      Method asked = method.method(err());
      tasks = tasks();
      settings = settings(asked);
    } catch (IllegalArgumentException | TaskFileException e) {
      throw badUse(e);
    }
    try (EvalModel opened = open()) {
      AccuracyEvaluation evaluation = new AccuracyEvaluation(opened, settings);
      checkFeasible(opened, evaluation, tasks);
      try (PredictionLog log = log(evaluation, tasks)) {
        report(answer(evaluation, tasks, log));
      }
    }
    return 0;
  }

  private AccuracySettings settings(Method asked) {
    return new AccuracySettings(
        new MethodUse(asked, sampling.sampling(), earlyStop.given()),
        chatTemplate,
        generationLength,
        steps == null ? OptionalInt.empty() : OptionalInt.of(steps),
        batch,
        seed);
  }

  private EvalModel open() {
    try {
      return models.open(model);
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
  }

  private void checkFeasible(
      EvalModel opened, AccuracyEvaluation evaluation, ImmutableList<EvalTask> tasks) {
    try {
      Feasibility found = evaluation.check(tasks);
      if (found.beyondTraining() > 0) {
        err()
            .printf(
                Locale.ROOT,
                "%d of %d tasks have more positions than the %d that the model was trained for; the"
                    + " longest has %d, in line %d%n",
                found.beyondTraining(),
                tasks.size(),
                opened.trainedPositions(),
                found.longest(),
                found.longestLine());
        err().flush();
      }
    } catch (IllegalArgumentException e) {
      throw badUse(data + ": " + e.getMessage(), e);
    }
  }

  private PredictionLog log(AccuracyEvaluation evaluation, ImmutableList<EvalTask> tasks)
      throws IOException {
    try {
      return PredictionLog.open(out, settings(evaluation), tasks, batch);
    } catch (PredictionLogException e) {
      throw badUse(e);
    }
  }

  @Override
  public ImmutableMap<String, String> inputs() throws IOException {
    ImmutableMap.Builder<String, String> inputs = ImmutableMap.builder();
    inputs.putAll(
        RunInputs.model(
            models,
            model,
            opened -> new AccuracyEvaluation(opened, settings(method.parsed())).identity()));
    // The file's name too: it is that of the group of tasks that name none.
    inputs.put("data", data.getFileName() + " " + RunInputs.file(data));
    if (fewShot != null) {
      inputs.put("few_shot", RunInputs.file(fewShot));
    }
    return inputs.buildOrThrow();
  }

  private ImmutableList<EvalTask> tasks() throws IOException, TaskFileException {
    check(batch >= 1, "--batch must be at least 1 but is " + batch);
    check(generationLength >= 1, "--seq_len must be at least 1 but is " + generationLength);
    check(steps == null || steps >= 1, "--steps must be at least 1 but is " + steps);
    check(limit == null || limit >= 1, "--limit must be at least 1 but is " + limit);
    check(shots == null || fewShot != null, "--shots needs the examples of --few_shot");
    GivenFiles files = new GivenFiles();
    files.reads("--data", data);
    files.reads("--few_shot", fewShot);
    files.writes("--out", out);
    files.writes("--summary", summary);
    Optional<Metric> defaultMetric = Optional.ofNullable(metric).map(Metric::parse);
    ImmutableList<EvalTask> tasks = TaskFile.read(data, defaultMetric);
    FewShot examples =
        fewShot == null ? FewShot.NONE : FewShot.read(fewShot, shots == null ? 1 : shots);
    return tasks.stream()
        .limit(limit == null ? tasks.size() : limit)
        .map(task -> examples.before(task, chatTemplate))
        .collect(ImmutableList.toImmutableList());
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  private RunSettings settings(AccuracyEvaluation evaluation) throws IOException {
    ImmutableMap.Builder<String, String> settings = ImmutableMap.builder();
    settings.putAll(evaluation.identity());
    settings.put("data", Fingerprint.of(data));
    settings.put("metric", metric == null ? "of the tasks" : metric);
    settings.put("few_shot", fewShot == null ? "none" : Fingerprint.of(fewShot));
    settings.put("shots", fewShot == null ? "0" : String.valueOf(shots == null ? 1 : shots));
    settings.put("limit", limit == null ? "none" : limit.toString());
    return new RunSettings(settings.buildOrThrow());
  }

  private AccuracyResult answer(
      AccuracyEvaluation evaluation, ImmutableList<EvalTask> tasks, PredictionLog log)
      throws IOException {
    int before = log.recorded().size();
    if (before > 0) {
      err().printf(Locale.ROOT, "%s holds %d of %d answers%n", out, before, tasks.size());
    }
    try (EvalProgress progress = new EvalProgress(err(), "tasks", tasks.size())) {
      AccuracyRun.Listener listener =
          (done, total, score) ->
              progress.at(done, total, String.format(Locale.ROOT, "score %.1f %%", 100 * score));
      if (spark == null || before == tasks.size()) {
        return evaluation.run(tasks, log, listener);
      }
      try (EvalCluster cluster = connect(spark)) {
        return evaluation.run(tasks, log, listener, cluster);
      }
    }
  }

  private EvalCluster connect(String master) {
    try {
      return EvalCluster.connect(
          master, new ClusterModel(Optional.ofNullable(model.modelPath), model.options()));
    } catch (IllegalArgumentException e) {
      throw badUse("--spark: " + e.getMessage(), e);
    }
  }

  private void report(AccuracyResult result) throws IOException {
    Throughput speed = result.speed();
    ObjectNode node = result.summary().toJson();
    node.put("method", method.name());
    String predictions = Fingerprint.of(out);
    node.put("predictions", predictions);
    Optional<JsonNode> earlier = speed.isMeasured() ? Optional.empty() : earlierSpeed(node);
    node.set("speed", earlier.isPresent() ? earlier.get() : speed.toJson());
    if (summary != null) {
      WholeFile.write(summary, node.toPrettyString() + "\n");
    }
    out()
        .print(
            json
                ? JsonLines.MAPPER.writeValueAsString(node) + "\n"
                : result.summary().toText() + speed.toText());
    out().flush();
  }

  /** What a summary says of the speed that says the very same of everything else. */
  private Optional<JsonNode> earlierSpeed(ObjectNode now) throws IOException {
    if (summary == null || !Files.isRegularFile(summary)) {
      return Optional.empty();
    }
    JsonNode then;
    try {
      // Floats as they were written, which JsonLines would give other digits.
      then =
          JsonLines.MAPPER
              .reader()
              .without(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
              .readTree(Utf8.read(summary));
    } catch (JsonProcessingException | CharacterCodingException e) {
      return Optional.empty(); // No summary; --summary says to write one in its place.
    }
    if (!(then instanceof ObjectNode earlier) || !earlier.path("speed").isObject()) {
      return Optional.empty();
    }
    JsonNode speed = earlier.remove("speed");
    return earlier.equals(now) ? Optional.of(speed) : Optional.empty();
  }
}
