package dev.sparsed.cli.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ascii;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.cli.options.GivenFiles;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.eval.model.SharedModel;
import dev.sparsed.eval.run.RunFile;
import dev.sparsed.eval.run.RunFileException;
import dev.sparsed.eval.run.RunMarks;
import dev.sparsed.eval.run.RunTable;
import dev.sparsed.eval.speed.SpeedReport;
import dev.sparsed.internal.Utf8;
import dev.sparsed.internal.WholeFile;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;

/** {@code sparsed eval run}. */
@Command(
    name = "run",
    sortOptions = false,
    description = {
      "Runs the commands of a run file and prints its table.",
      "What is done already is not done again when the same command is given again."
    },
    footer = {
      "",
      "Examples:",
      "  ./sparsed eval run eval/sparsed-table1.json --set model=x --dry_run",
      "  ./sparsed eval run table.json --set model=./LLaDA-8B --out results",
      "  ./sparsed eval run table.json --only MMLU",
      "  ./sparsed eval run eval/demo-table.json --only 2,048 --set questions=2"
    })
final class RunCommand extends CommonArguments implements Callable<Integer> {

  private final EvalModelSource models;
  private final Supplier<Path> demoFolder;

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
      description =
          "Only the cells whose row or column has this name, or this text in its name where none"
              + " has the name; given several times, the cells that all of them pick.")
  private List<String> only = new ArrayList<>();

  @Option(names = "--dry_run", description = "Check and print the commands, run nothing.")
  private boolean dryRun;

  RunCommand(EvalModelSource models, Supplier<Path> demoFolder) {
    this.models = models;
    this.demoFolder = demoFolder;
  }

  private record Cell(
      RunFile.Row row,
      RunFile.Column column,
      Path base,
      Path result,
      ImmutableList<String> command) {

    /** What the command writes. */
    ImmutableList<Path> files() {
      return ImmutableList.of(Path.of(base + ".jsonl"), result);
    }
  }

  @Override
  public Integer call() throws IOException {
    RunFile run = read();
    ImmutableList<Cell> cells = cells(run);
    ImmutableList<Cell> wanted = wanted(run, cells);
    try (SharedModel loaded = new SharedModel()) {
      EvalModelSource shared = models.sharing(loaded);
      check(run, cells, shared);
      if (dryRun) {
        run.about().stream()
            .flatMap(String::lines)
            .forEach(line -> out().println("# " + Quoted.line(line)));
        run.prepare().forEach(step -> print(step.command()));
        wanted.forEach(cell -> print(cell.command()));
        out().flush();
        return 0;
      }
      Files.createDirectories(out);
      for (RunFile.Step step : run.prepare()) {
        if (!prepare(shared, step)) {
          return 1;
        }
      }
      return fill(run, cells, wanted, shared);
    }
  }

  /** Makes a file that cells need, unless it is there; false if that failed. */
  private boolean prepare(EvalModelSource shared, RunFile.Step step) throws IOException {
    PrintWriter err = err();
    String mark = mark(shared, step.command());
    switch (RunMarks.prepared(step.makes(), mark)) {
      case MADE -> {}
      case FOREIGN ->
          err.printf(Locale.ROOT, "%s was not made here and is used as it is%n", step.makes());
      case TO_MAKE -> {
        if (execute(shared, step.command()) != 0 || !Files.exists(step.makes())) {
          err.printf(
              Locale.ROOT,
              "%s could not be made, so that no cell was run: 'sparsed eval %s' failed%n",
              step.makes(),
              ShellWords.of(step.command()));
          err.flush();
          return false;
        }
        RunMarks.markPrepared(step.makes(), mark);
      }
    }
    return true;
  }

  private RunFile read() throws IOException {
    Map<String, String> given = new LinkedHashMap<>(variables);
    given.put("out", out.toString());
    try {
      GivenFiles files = new GivenFiles();
      files.reads("FILE", file);
      files.writesInto("--out", out);
      return RunFile.read(file, given);
    } catch (RunFileException | IllegalArgumentException e) {
      throw badUse(e);
    }
  }

  private ImmutableList<Cell> cells(RunFile run) {
    ImmutableList.Builder<Cell> cells = ImmutableList.builder();
    for (RunFile.Row row : run.rows()) {
      for (RunFile.Column column : run.columns()) {
        cells.add(cell(row, column));
      }
    }
    return cells.build();
  }

  private ImmutableList<Cell> wanted(RunFile run, ImmutableList<Cell> cells) {
    ImmutableList<Cell> wanted =
        cells.stream()
            .filter(cell -> only.stream().allMatch(text -> isNamed(run, cell, text)))
            .collect(ImmutableList.toImmutableList());
    if (wanted.isEmpty()) {
      throw new ParameterException(
          commandLine(), file + " has no cell of --only " + Joiner.on(" --only ").join(only));
    }
    return wanted;
  }

  /** By its whole name where a row or column has it: "4k" is not "64k". */
  private static boolean isNamed(RunFile run, Cell cell, String text) {
    boolean isName =
        Stream.concat(
                run.rows().stream().map(RunFile.Row::name),
                run.columns().stream().map(RunFile.Column::name))
            .anyMatch(text::equalsIgnoreCase);
    return Stream.of(cell.row().name(), cell.column().name())
        .anyMatch(
            name ->
                isName
                    ? name.equalsIgnoreCase(text)
                    : Ascii.toLowerCase(name).contains(Ascii.toLowerCase(text)));
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
    return new Cell(row, column, base, result, command.build());
  }

  /** Everything must be well formed before anything runs for hours. */
  private void check(RunFile run, ImmutableList<Cell> cells, EvalModelSource shared) {
    for (RunFile.Step step : run.prepare()) {
      check(shared, step.command());
    }
    for (Cell cell : cells) {
      check(shared, cell.command());
    }
  }

  private void check(EvalModelSource shared, List<String> command) {
    try {
      EvalCommands.commandLine(shared, demoFolder).parseArgs(command.toArray(String[]::new));
    } catch (ParameterException e) {
      throw badUse(file + ": '" + ShellWords.of(command) + "': " + e.getMessage(), e);
    }
  }

  private void print(List<String> command) {
    out().println("sparsed eval " + ShellWords.of(command));
  }

  /** Runs what is wanted and not done; the table holds everything that is done. */
  private int fill(
      RunFile run, ImmutableList<Cell> cells, ImmutableList<Cell> wanted, EvalModelSource shared)
      throws IOException {
    RunTable table = new RunTable(run);
    List<Cell> missing = new ArrayList<>();
    for (Cell cell : cells) {
      String mark = mark(shared, cell.command());
      boolean mayRun = wanted.contains(cell);
      if (mayRun ? isThere(cell, mark) : RunMarks.isDone(cell.result(), mark)) {
        table.put(cell.row(), cell.column(), result(cell));
      } else if (mayRun) {
        missing.add(cell);
      }
    }
    // Before any cell runs for hours: a table of other settings must not pass for this one.
    write(table);
    int failed = 0;
    for (Cell cell : missing) {
      if (run(shared, cell)) {
        table.put(cell.row(), cell.column(), result(cell));
        write(table);
      } else {
        failed++;
      }
    }
    out().println(table.toMarkdown());
    out().flush();
    if (failed > 0) {
      err().printf(Locale.ROOT, "%d of %d cells failed%n", failed, wanted.size());
      err().flush();
    }
    return failed == 0 ? 0 : 1;
  }

  /** Whether a cell is done, once files of other settings made room for its own. */
  private boolean isThere(Cell cell, String mark) throws IOException {
    for (Path aside : RunMarks.bringBack(cell.result(), cell.files(), mark)) {
      err()
          .printf(
              Locale.ROOT,
              "made by another command, from other data, or changed since, now at %s%n",
              aside);
    }
    return RunMarks.isDone(cell.result(), mark);
  }

  /** Runs a cell; false if it failed. */
  private boolean run(EvalModelSource shared, Cell cell) throws IOException {
    // Anew, as cells before this one may have taken hours, in which data can change.
    String mark = mark(shared, cell.command());
    if (isThere(cell, mark)) {
      return true;
    }
    RunMarks.start(cell.result(), mark);
    if (execute(shared, cell.command()) != 0) {
      return false;
    }
    if (SpeedReport.lacksMemory(result(cell))) {
      err()
          .printf(
              Locale.ROOT,
              "memory was short in %s of %s: this command given again measures it again%n",
              Quoted.line(cell.column().name()),
              Quoted.line(cell.row().name()));
    } else {
      RunMarks.finish(cell.result(), mark);
    }
    return true;
  }

  private void write(RunTable table) throws IOException {
    WholeFile.write(out.resolve("table.md"), table.toMarkdown());
    WholeFile.write(out.resolve("table.json"), table.toJson().toPrettyString() + "\n");
  }

  /** What a command and everything that it reads are known by. */
  private String mark(EvalModelSource shared, List<String> command) throws IOException {
    ParseResult parsed =
        EvalCommands.commandLine(shared, demoFolder)
            .parseArgs(command.toArray(String[]::new))
            .subcommand();
    Map<String, List<String>> options = new HashMap<>();
    for (OptionSpec option : parsed.matchedOptions()) {
      if (!RunInputs.PATHS.contains(option.longestName())) {
        options.put(option.longestName(), option.originalStringValues());
      }
    }
    return RunMarks.of(
        parsed.commandSpec().name(),
        options,
        parsed.commandSpec().userObject() instanceof RunInputs reader
            ? reader.inputs()
            : ImmutableMap.of());
  }

  private static JsonNode result(Cell cell) throws IOException {
    return JsonLines.parse(Utf8.read(cell.result()));
  }

  /** Runs a command in this process, with its errors on standard error and its table dropped. */
  private int execute(EvalModelSource shared, List<String> command) {
    PrintWriter err = err();
    err.println("sparsed eval " + ShellWords.of(command));
    err.flush();
    CommandLine nested = EvalCommands.commandLine(shared, demoFolder);
    nested.setErr(err);
    nested.setOut(new PrintWriter(new StringWriter()));
    nested.setExecutionExceptionHandler(commandLine().getExecutionExceptionHandler());
    nested.setParameterExceptionHandler(commandLine().getParameterExceptionHandler());
    List<String> arguments = new ArrayList<>(command);
    if (verbose && !arguments.contains("--verbose")) {
      arguments.add("--verbose");
    }
    return nested.execute(arguments.toArray(String[]::new));
  }
}
