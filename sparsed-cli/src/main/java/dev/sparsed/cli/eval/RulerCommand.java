package dev.sparsed.cli.eval;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.cli.options.GivenLengths;
import dev.sparsed.eval.accuracy.TaskFileException;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.ruler.QuestionFile;
import dev.sparsed.eval.ruler.RulerGenerator;
import dev.sparsed.eval.ruler.RulerTask;
import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sparsed eval ruler}. */
@Command(
    name = "ruler",
    sortOptions = false,
    description = {
      "Writes RULER's synthetic tasks at a length, for 'eval accuracy'.",
      "The words and texts are this project's own; the same seed gives the same file."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed eval ruler --length 4k --out ruler-4k.jsonl",
      "  ./sparsed eval ruler -m ./LLaDA-8B --length 8k --samples 500 --out 8k.jsonl",
      "  ./sparsed eval ruler --length 4k --tasks qa_1 --qa_1 qa.jsonl --out out.jsonl"
    })
final class RulerCommand extends CommonArguments implements Callable<Integer>, RunInputs {

  private static final int MOST_SAMPLES = 1_000_000;

  private final EvalModelSource models;

  @Option(
      names = "--length",
      required = true,
      paramLabel = "TOKENS",
      description = "Tokens of prompt and answer together, such as 4096 or 4k.")
  private String length = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file of tasks to write.")
  private Path out = Path.of("");

  @Option(
      names = "--tasks",
      paramLabel = "NAMES",
      description =
          "Tasks with commas between them: niah_single_1 to _3, niah_multikey_1 to _3,"
              + " niah_multivalue, niah_multiquery, vt, cwe, fwe, qa_1, qa_2 (default: all that"
              + " need no file, and those whose file is given).")
  private @Nullable String tasks;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "100",
      description = "Samples of each task (default: ${DEFAULT-VALUE}; RULER's tables use 500).")
  private int samples = 100;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed of the random choices (default: ${DEFAULT-VALUE}).")
  private long seed = 42;

  @Option(
      names = "--qa_1",
      paramLabel = "FILE",
      description =
          "Questions for qa_1: one JSON object per line with question, answers and context.")
  private @Nullable Path qaOne;

  @Option(
      names = "--qa_2",
      paramLabel = "FILE",
      description = "Questions for qa_2, in the same form.")
  private @Nullable Path qaTwo;

  @Option(
      names = "--apply_chat_template",
      description = "Count the tokens of the model's chat template too.")
  private boolean chatTemplate;

  @Mixin private final EvalModelArguments model = new EvalModelArguments();

  RulerCommand(EvalModelSource models) {
    this.models = models;
  }

  @Override
  public Integer call() throws IOException {
    int tokens;
    try {
      tokens = GivenLengths.one("--length", length);
      requireSamples();
      GivenFiles files = new GivenFiles();
      files.reads("--qa_1", qaOne);
      files.reads("--qa_2", qaTwo);
      files.writes("--out", out);
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
    try (EvalModel opened = models.open(model)) {
      Map<RulerTask, QuestionFile> questions = questions();
      ImmutableList<RulerTask> wanted = wanted(questions);
      RulerGenerator generator =
          new RulerGenerator(
              tokens, seed, prompt -> opened.tokens(prompt, chatTemplate), questions);
      write(generator, wanted);
      return 0;
    } catch (IllegalArgumentException | TaskFileException e) {
      throw badUse(e);
    }
  }

  @Override
  public ImmutableMap<String, String> inputs() throws IOException {
    ImmutableMap.Builder<String, String> inputs = ImmutableMap.builder();
    inputs.putAll(RunInputs.model(models, model));
    if (qaOne != null) {
      inputs.put("qa_1", RunInputs.file(qaOne));
    }
    if (qaTwo != null) {
      inputs.put("qa_2", RunInputs.file(qaTwo));
    }
    return inputs.buildOrThrow();
  }

  private Map<RulerTask, QuestionFile> questions() throws IOException, TaskFileException {
    Map<RulerTask, QuestionFile> questions = new EnumMap<>(RulerTask.class);
    if (qaOne != null) {
      questions.put(RulerTask.QA_1, QuestionFile.read(qaOne));
    }
    if (qaTwo != null) {
      questions.put(RulerTask.QA_2, QuestionFile.read(qaTwo));
    }
    return questions;
  }

  private void requireSamples() {
    if (samples < 1 || samples > MOST_SAMPLES) {
      throw new IllegalArgumentException(
          "--samples must be 1 to " + MOST_SAMPLES + " but is " + samples);
    }
  }

  private ImmutableList<RulerTask> wanted(Map<RulerTask, QuestionFile> questions) {
    ImmutableList.Builder<RulerTask> wanted = ImmutableList.builder();
    if (tasks == null) {
      return wanted.addAll(RulerTask.synthetic()).addAll(questions.keySet()).build();
    }
    for (String name : Splitter.on(',').trimResults().omitEmptyStrings().split(tasks)) {
      RulerTask task = RulerTask.parse(name);
      if (task.needsQuestions() && !questions.containsKey(task)) {
        throw new IllegalArgumentException(
            task.label() + " needs a file of questions: give --" + task.label());
      }
      wanted.add(task);
    }
    ImmutableList<RulerTask> all = wanted.build();
    if (all.isEmpty()) {
      throw new IllegalArgumentException("--tasks must name a task but is '" + tasks + "'");
    }
    return all;
  }

  private void write(RulerGenerator generator, ImmutableList<RulerTask> wanted) throws IOException {
    int total = wanted.size() * samples;
    try (EvalProgress progress = new EvalProgress(err(), "samples", total)) {
      WholeFile.write(out, file -> write(generator, wanted, file, progress));
    }
    out().printf(Locale.ROOT, "%d tasks of %s tokens in %s%n", total, length, out);
    out().flush();
  }

  private void write(
      RulerGenerator generator,
      ImmutableList<RulerTask> wanted,
      OutputStream file,
      EvalProgress progress)
      throws IOException {
    int[] done = {0};
    for (RulerTask task : wanted) {
      generator.generate(
          task,
          samples,
          line -> {
            file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            progress.at(++done[0], wanted.size() * samples, task.label());
          });
    }
  }
}
