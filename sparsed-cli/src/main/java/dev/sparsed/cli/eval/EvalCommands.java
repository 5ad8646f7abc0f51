package dev.sparsed.cli.eval;

import dev.sparsed.eval.model.CheckpointModel;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sparsed eval} and those below it. */
@Command(
    name = "eval",
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures accuracy, speed and memory of methods on a model.")
public final class EvalCommands extends CommonArguments implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  private EvalCommands() {}

  /**
   * The commands.
   *
   * @param demoFolder gives the checkpoint to use where none is named
   * @return the command {@code eval}, to be added to a program's commands
   */
  public static CommandLine commandLine(Supplier<Path> demoFolder) {
    return commandLine(
        (EvalModelSource)
            model ->
                model.modelPath == null
                    ? CheckpointModel.open(demoFolder.get(), "demo", model.options())
                    : CheckpointModel.open(model.modelPath, model.options()));
  }

  static CommandLine commandLine(EvalModelSource models) {
    return new CommandLine(new EvalCommands())
        .addSubcommand(new AccuracyCommand(models))
        .addSubcommand(new SpeedCommand(models))
        .addSubcommand(new RulerCommand(models))
        .addSubcommand(new RunCommand(models))
        .setExpandAtFiles(false);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing; sparsed eval --help lists them");
  }
}
