package dev.sparsed.cli.eval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.cli.options.MethodArguments;
import dev.sparsed.demo.exam.Exam;
import dev.sparsed.demo.exam.ExamCell;
import dev.sparsed.demo.exam.ExamQuestion;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.eval.prompts.TokenLengths;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
final class ExamCommand extends CommonArguments implements Callable<Integer> {

  private final Supplier<Path> demoFolder;

  @Spec private CommandSpec spec = CommandSpec.create();

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

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  ExamCommand(Supplier<Path> demoFolder) {
    this.demoFolder = demoFolder;
  }

  @Override
  public Integer call() throws IOException {
    Exam exam;
    Map<String, Method> asked;
    try {
      asked = method.methods(Optional.ofNullable(methods));
      exam = new Exam(seed, questions, TokenLengths.parseList(lengths), tasks());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    try (DiffusionModel opened = open()) {
      ImmutableList<ExamCell> cells = run(exam, asked, opened);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? json(cells) : table(cells));
      out.flush();
    }
    return 0;
  }

  private DiffusionModel open() {
    return model.modelPath == null
        ? DiffusionModel.load(demoFolder.get(), model.options())
        : DiffusionModel.load(model.modelPath, model.options());
  }

  private ImmutableList<ExamCell> run(Exam exam, Map<String, Method> asked, DiffusionModel opened) {
    PrintWriter err = spec.commandLine().getErr();
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
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
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

  private String json(ImmutableList<ExamCell> cells) throws IOException {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (ExamCell cell : cells) {
      array
          .addObject()
          .put("task", cell.task().label())
          .put("length", cell.length())
          .put("method", cell.method())
          .put("correct", cell.correct())
          .put("questions", cell.questions())
          .put("forward_passes", cell.forwardPasses())
          .put("tokens", cell.tokens())
          .put("tokens_per_second", cell.tokensPerSecond())
          .put("seconds", cell.seconds());
      if (cell.density().isPresent()) {
        ((ObjectNode) array.get(array.size() - 1)).put("density", cell.density().getAsDouble());
      }
    }
    return JsonLines.MAPPER.writeValueAsString(
            JsonNodeFactory.instance.objectNode().put("seed", seed).set("cells", array))
        + "\n";
  }

  private static String table(ImmutableList<ExamCell> cells) {
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            "%-18s %6s  %-24s %14s %14s %9s %9s %9s%n",
            "task",
            "length",
            "method",
            "right",
            "forward passes",
            "tokens/s",
            "density",
            "seconds"));
    for (ExamCell cell : cells) {
      table.append(
          String.format(
              Locale.ROOT,
              "%-18s %6d  %-24s %4d of %-6d %14d %9.1f %9s %9.1f%n",
              cell.task().label(),
              cell.length(),
              cell.method(),
              cell.correct(),
              cell.questions(),
              cell.forwardPasses(),
              cell.tokensPerSecond(),
              cell.density().isPresent()
                  ? String.format(Locale.ROOT, "%.3f", cell.density().getAsDouble())
                  : "-",
              cell.seconds()));
    }
    return table.toString();
  }
}
