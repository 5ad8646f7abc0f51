package dev.sparsed.cli.eval;

import dev.sparsed.eval.model.CheckpointModel;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code sparsed eval} and those below it. */
@Command(
    name = "eval",
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures accuracy, speed and memory of methods on a model.",
    footer = {
      "",
      "Examples:",
      "  ./sparsed eval speed --methods full,sparsed --contexts 4k",
      "  ./sparsed eval ruler --length 2k --tasks vt --samples 10 --out vt.jsonl",
      "  ./sparsed eval accuracy --data vt.jsonl --out predictions.jsonl",
      "  ./sparsed eval exam --method sparsed --lengths 2k"
    })
public final class EvalCommands extends CommonArguments {

  private EvalCommands() {}

  /**
   * The commands.
   *
   * @param demoFolder gives the checkpoint to use where none is named
   * @return the command {@code eval}, to be added to a program's commands
   */
  public static CommandLine commandLine(Supplier<Path> demoFolder) {
    return commandLine(
        model ->
            model.modelPath == null
                ? CheckpointModel.open(demoFolder.get(), "demo", model.options())
                : CheckpointModel.open(model.modelPath, model.options()),
        demoFolder);
  }

  static CommandLine commandLine(EvalModelSource models, Supplier<Path> demoFolder) {
    return new CommandLine(new EvalCommands())
        .addSubcommand(new AccuracyCommand(models))
        .addSubcommand(new SpeedCommand(models))
        .addSubcommand(new RulerCommand(models))
        .addSubcommand(new ExamCommand(models, demoFolder))
        .addSubcommand(new RunCommand(models, demoFolder))
        .setExpandAtFiles(false);
  }
}
