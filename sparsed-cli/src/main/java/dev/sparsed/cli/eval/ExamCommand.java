package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.cli.options.GivenLengths;
import dev.sparsed.cli.options.MethodArguments;
import dev.sparsed.demo.exam.Exam;
import dev.sparsed.demo.exam.ExamCell;
import dev.sparsed.demo.exam.ExamQuestion;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sparsed eval exam}. */
@Command(
    name = "exam",
    sortOptions = false,
    description = {
      "Asks the demo model questions about long texts and counts the answers that are right to the"
          + " last letter: a single needle, one of nine like ones, several values, a chain of two"
          + " hops.",
      "The same seed asks every method the same."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed eval exam --method full",
      "  ./sparsed eval exam --method sparsed:select=0.2 --lengths 2k,4k --json",
      "  ./sparsed eval exam --tasks multi_key --questions 20 --answers",
      "  ./sparsed eval exam --methods full,sparsed,dual-cache --lengths 512"
    })
final class ExamCommand extends CommonArguments implements Callable<Integer>, RunInputs {

  private final EvalModelSource models;
  private final Supplier<Path> demoFolder;

  @Mixin private final EvalModelArguments model = new EvalModelArguments();
  @Mixin private final MethodArguments method = new MethodArguments();

  @Option(
      names = "--methods",
      paramLabel = "LIST",
      description = "Several methods instead of one, separated by commas.")
  private @Nullable String methods;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the questions (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--questions",
      paramLabel = "N",
      defaultValue = "100",
      description = "Questions per task and length (default: ${DEFAULT-VALUE}).")
  private int questions = 100;

  @Option(
      names = "--lengths",
      paramLabel = "LIST",
      defaultValue = "512,2k,4k",
      description = "Tokens of prompt and answer together (default: ${DEFAULT-VALUE}).")
  private String lengths = "512,2k,4k";

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "NAME",
      description =
          "What is asked: single_needle, multi_key, multi_value, variable_tracking (default: all).")
  private List<String> tasks = new ArrayList<>();

  @Option(names = "--answers", description = "Tell every wrong answer on standard error.")
  private boolean answers;

  @Mixin private final ResultArguments results = new ResultArguments();

  ExamCommand(EvalModelSource models, Supplier<Path> demoFolder) {
    this.models = models;
    this.demoFolder = demoFolder;
  }

  @Override
  public Integer call() throws IOException {
    Exam exam;
    Map<String, Method> asked;
    try {
      results.check(new GivenFiles());
      asked = asked();
      exam = new Exam(seed, questions, GivenLengths.several("--lengths", lengths), tasks());
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
    try (DiffusionModel opened = open()) {
      ExamReport report = new ExamReport(seed, run(exam, asked, opened));
      results.save(report.toJson());
      results.print(out(), report.toJson(), report::toText);
    }
    return 0;
  }

  private Map<String, Method> asked() {
    return method.methods(Optional.ofNullable(methods));
  }

  @Override
  public ImmutableMap<String, String> inputs() {
    return RunInputs.model(models, model, this::identity);
  }

  private ImmutableMap<String, String> identity(EvalModel opened) {
    Map<String, String> identity = new LinkedHashMap<>(opened.identity());
    asked().forEach((name, each) -> identity.put("method " + name, opened.describe(each)));
    return ImmutableMap.copyOf(identity);
  }

  private DiffusionModel open() {
    try {
      return model.modelPath == null
          ? DiffusionModel.load(demoFolder.get(), model.options())
          : DiffusionModel.load(model.modelPath, model.options());
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
  }

  private ImmutableList<ExamCell> run(Exam exam, Map<String, Method> asked, DiffusionModel opened) {
    PrintWriter err = err();
    int total = asked.size() * exam.questions() * exam.lengths().size() * exam.tasks().size();
    int[] counts = new int[2];
    ImmutableList.Builder<ExamCell> cells = ImmutableList.builder();
    try (EvalProgress progress = new EvalProgress(err, "questions", total)) {
      for (Map.Entry<String, Method> each : asked.entrySet()) {
        cells.addAll(
            exam.run(
                opened,
                each.getKey(),
                each.getValue(),
                (question, answer, right) -> {
                  counts[0]++;
                  counts[1] += right ? 1 : 0;
                  progress.at(counts[0], total, counts[1] + " right");
                  if (answers && !right) {
                    tellWrong(err, each.getKey(), question, answer);
                  }
                }));
      }
      return cells.build();
    } catch (IllegalArgumentException e) {
      throw badUse(e);
    }
  }

  private static void tellWrong(
      PrintWriter err, String name, ExamQuestion question, String answer) {
    err.printf(
        Locale.ROOT,
        "%s %d, %s: wanted %s%n  but got %s%n",
        question.task().label(),
        question.length(),
        name,
        question.answer(),
        answer);
    err.flush();
  }

  private ImmutableList<ExamTask> tasks() {
    return tasks.isEmpty()
        ? ImmutableList.copyOf(ExamTask.values())
        : tasks.stream().map(ExamTask::parse).collect(ImmutableList.toImmutableList());
  }
}
