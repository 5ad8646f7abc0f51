package dev.sparsed.cli;

import dev.sparsed.cli.eval.EvalCommands;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.internal.FileNames;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sparsed} and its entry point. */
@Command(
    name = "sparsed",
    description = "Sparse attention for diffusion language models on the JVM.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    subcommands = HelpCommand.class,
    footer = {
      "",
      "Options may be spelled with underscores or hyphens: --seq_len is --seq-len.",
      "Exit codes: 0 done, 1 failed, 2 bad use."
    })
public final class Sparsed implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  private Sparsed() {}

  /**
   * Runs the command line and ends the JVM with its exit code, or by the signal that asked it to
   * end.
   *
   * @param arguments command and options
   */
  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Interruption.heedSignals();
    Interruption.exit(run(out, err, arguments));
  }

  /**
   * Runs the command line.
   *
   * @param out gets results
   * @param err gets progress and errors
   * @param arguments command and options
   * @return the exit code: 0 done, 1 failed, 2 bad use
   */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine commandLine = commandLine();
    commandLine.setOut(out);
    commandLine.setErr(err);
    int exitCode = execute(commandLine, arguments);
    out.flush();
    err.flush();
    return exitCode;
  }

  /** Which of the arguments is not what was written, as Java reads it in the locale's encoding. */
  private static Optional<String> misread(String... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      Optional<String> why = FileNames.garbled(arguments[i]);
      if (why.isPresent()) {
        return Optional.of("argument " + (i + 1) + " cannot be read: " + why.get());
      }
    }
    return Optional.empty();
  }

  static int execute(CommandLine commandLine, String... arguments) {
    Optional<String> misread = misread(arguments);
    if (misread.isPresent()) {
      return new Failures().handleMisread(misread.get(), commandLine);
    }
    try {
      return commandLine.execute(OptionSpelling.of(commandLine).normalise(arguments));
    } catch (Error e) {
      return new Failures().handleError(e, commandLine);
    }
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Sparsed());
    for (ModelFamily family : ModelFamily.values()) {
      commandLine.addSubcommand(GenerateCommand.of(family));
    }
    commandLine
        .addSubcommand(new InspectCommand())
        .addSubcommand(new MakeCheckpointCommand())
        .addSubcommand(new BenchCommand())
        .addSubcommand(EvalCommands.commandLine(DemoCheckpoint::folder))
        .addSubcommand(new TrainDemoCommand())
        .addSubcommand(new DoctorCommand());
    Failures failures = new Failures();
    return commandLine
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setUsageHelpAutoWidth(true)
        .setUsageHelpLongOptionsMaxWidth(28)
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing; sparsed --help lists them");
  }
}
