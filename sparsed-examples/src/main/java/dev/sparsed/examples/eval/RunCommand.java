package dev.sparsed.examples.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import dev.sparsed.examples.eval.accuracy.JsonLines;
import dev.sparsed.examples.eval.run.RunFile;
import dev.sparsed.examples.eval.run.RunFileException;
import dev.sparsed.examples.eval.run.RunTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparsed eval run}. */
@Command(
    name = "run",
    sortOptions = false,
    description = {
      "Runs the commands of a run file and prints its table.",
      "What is done already is not done again when the same command is given again."
    })
final class RunCommand extends CommonArguments implements Callable<Integer> {

  private final EvalModelSource models;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The run file, such as eval/sparsed-table1.json.")
  private Path file = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Value of a variable of the file; may be given several times.")
  private Map<String, String> variables = new LinkedHashMap<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "eval-out",
      description = "Where predictions and reports go (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("eval-out");

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "Only the cells whose row or column has this text in its name.")
  private @Nullable String only;

  @Option(names = "--dry_run", description = "Check and print the commands, run nothing.")
  private boolean dryRun;

  RunCommand(EvalModelSource models) {
    this.models = models;
  }

  private record Cell(
      RunFile.Row row, RunFile.Column column, Path result, ImmutableList<String> command) {}

  @Override
  public Integer call() throws IOException {
    RunFile run = read();
    ImmutableList<Cell> cells = cells(run);
    try (SharedModel shared = new SharedModel(models)) {
      check(run, cells, shared);
      if (dryRun) {
        run.about().forEach(line -> spec.commandLine().getOut().println("# " + line));
        run.prepare().forEach(step -> print(step.command()));
        cells.forEach(cell -> print(cell.command()));
        spec.commandLine().getOut().flush();
        return 0;
      }
      Files.createDirectories(out);
      for (RunFile.Step step : run.prepare()) {
        if (!Files.exists(step.makes())) {
          execute(shared, step.command());
        }
      }
      return fill(run, cells, shared);
    }
  }

  private RunFile read() throws IOException {
    Map<String, String> given = new LinkedHashMap<>(variables);
    given.put("out", out.toString());
    try {
      return RunFile.read(AccuracyCommand.there("FILE", file), given);
    } catch (RunFileException | IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private ImmutableList<Cell> cells(RunFile run) {
    ImmutableList.Builder<Cell> cells = ImmutableList.builder();
    for (RunFile.Row row : run.rows()) {
      for (RunFile.Column column : run.columns()) {
        if (only == null || row.name().contains(only) || column.name().contains(only)) {
          cells.add(cell(row, column));
        }
      }
    }
    return cells.build();
  }

  private Cell cell(RunFile.Row row, RunFile.Column column) {
    ImmutableList.Builder<String> command = ImmutableList.builder();
    command.addAll(column.command()).addAll(row.arguments());
    Path base = out.resolve(RunFile.fileName(row, column));
    Path result = Path.of(base + ".json");
    if (column.command().get(0).equals("accuracy")) {
      command.add("--out", base + ".jsonl", "--summary", result.toString());
    } else {
      command.add("--out", result.toString());
    }
    return new Cell(row, column, result, command.build());
  }

  /** Everything must be well formed before anything runs for hours. */
  private void check(RunFile run, ImmutableList<Cell> cells, SharedModel shared) {
    for (RunFile.Step step : run.prepare()) {
      check(shared, step.command());
    }
    for (Cell cell : cells) {
      check(shared, cell.command());
    }
  }

  private void check(SharedModel shared, List<String> command) {
    try {
      EvalCommands.commandLine(shared).parseArgs(command.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new ParameterException(
          spec.commandLine(),
          file + ": '" + Joiner.on(' ').join(command) + "': " + e.getMessage(),
          e);
    }
  }

  private void print(List<String> command) {
    spec.commandLine().getOut().println("sparsed eval " + Joiner.on(' ').join(command));
  }

  private int fill(RunFile run, ImmutableList<Cell> cells, SharedModel shared) throws IOException {
    RunTable table = new RunTable(run);
    int failed = 0;
    for (Cell cell : cells) {
      // The command is part of the mark, so that a changed run file is measured anew.
      Path mark = Path.of(cell.result() + ".done");
      String wanted = mark(cell);
      boolean done =
          Files.exists(cell.result())
              && Files.exists(mark)
              && Files.readString(mark).equals(wanted);
      if (!done) {
        done = execute(shared, cell.command()) == 0;
        if (done) {
          Files.writeString(mark, wanted);
        }
      }
      if (done) {
        table.put(cell.row(), cell.column(), result(cell));
        Files.writeString(out.resolve("table.md"), table.toMarkdown());
        Files.writeString(out.resolve("table.json"), table.toJson().toPrettyString() + "\n");
      } else {
        failed++;
      }
    }
    spec.commandLine().getOut().println(table.toMarkdown());
    spec.commandLine().getOut().flush();
    if (failed > 0) {
      spec.commandLine().getErr().printf("%d of %d cells failed%n", failed, cells.size());
    }
    return failed == 0 ? 0 : 1;
  }

  private static String mark(Cell cell) {
    return Hashing.sha256()
        .hashString(Joiner.on('\n').join(cell.command()), StandardCharsets.UTF_8)
        .toString();
  }

  private static JsonNode result(Cell cell) throws IOException {
    return JsonLines.parse(Files.readString(cell.result()));
  }

  /** Runs a command in this process, with its errors on standard error and its table dropped. */
  private int execute(SharedModel shared, List<String> command) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sparsed eval " + Joiner.on(' ').join(command));
    err.flush();
    CommandLine nested = EvalCommands.commandLine(shared);
    nested.setErr(err);
    nested.setOut(new PrintWriter(new StringWriter()));
    nested.setExecutionExceptionHandler(spec.commandLine().getExecutionExceptionHandler());
    nested.setParameterExceptionHandler(spec.commandLine().getParameterExceptionHandler());
    return nested.execute(command.toArray(String[]::new));
  }
}
