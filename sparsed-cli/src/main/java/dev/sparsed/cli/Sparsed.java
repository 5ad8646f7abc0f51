package dev.sparsed.cli;

import dev.sparsed.cli.console.ResultWriter;
import dev.sparsed.cli.console.Terminal;
import dev.sparsed.cli.console.VisibleWriter;
import dev.sparsed.cli.eval.EvalCommands;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.internal.FileNames;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code sparsed} and its entry point. */
@Command(
    name = "sparsed",
    description = "Sparse attention for diffusion language models on the JVM.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    commandListHeading = "%nCommands:%n",
    subcommands = HelpCommand.class,
    footer = {
      "",
      "'sparsed COMMAND --help' tells more. Options may be spelled with underscores",
      "or hyphens: --seq_len is --seq-len. Exit codes: 0 done, 1 failed, 2 bad use.",
      "",
      "Examples:",
      "  ./sparsed generate",
      "  ./sparsed patterns",
      "  ./sparsed generate -m Dream-org/Dream-v0-Instruct-7B -p @question.txt",
      "  ./sparsed eval speed --methods full,sparsed --contexts 1k"
    })
public final class Sparsed {

  private Sparsed() {}

  /**
   * Runs the command line and ends the JVM with its exit code, or by the signal that asked it to
   * end.
   *
   * @param arguments command and options
   */
  public static void main(String[] arguments) {
    // The language of all that is written, in which libraries shall write their numbers too.
    Locale.setDefault(Locale.ROOT);
    PrintWriter out = ResultWriter.to(new FileOutputStream(FileDescriptor.out));
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Interruption.heedSignals();
    Interruption.exit(run(out, err, arguments));
  }

  /**
   * Runs the command line.
   *
   * @param out gets results
   * @param err gets progress and errors, control characters shown
   * @param arguments command and options
   * @return the exit code: 0 done, 1 failed or the results could not be written, 2 bad use
   */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine commandLine = commandLine();
    commandLine.setOut(out);
    commandLine.setErr(VisibleWriter.to(err));
    int exitCode = execute(commandLine, arguments);
    commandLine.getOut().flush();
    Optional<String> loss = LostResults.in(out);
    loss.ifPresent(text -> commandLine.getErr().println("sparsed: " + text));
    commandLine.getErr().flush();
    return loss.isPresent() && exitCode == ExitCode.OK ? ExitCode.SOFTWARE : exitCode;
  }

  /**
   * What Java misreads in the locale's encoding: an argument, or the name of the working folder, in
   * which files would be missed, and folders made beside it.
   */
  private static Optional<String> misread(String... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      Optional<String> why = FileNames.garbled(arguments[i]);
      if (why.isPresent()) {
        return Optional.of("argument " + (i + 1) + " cannot be read: " + why.get());
      }
    }
    return FileNames.astray(Path.of(""));
  }

  static int execute(CommandLine commandLine, String... arguments) {
    Failures failures = new Failures(arguments);
    Optional<String> misread = misread(arguments);
    if (misread.isPresent()) {
      return failures.handleMisread(misread.get(), commandLine);
    }
    commandLine.setParameterExceptionHandler(failures).setExecutionExceptionHandler(failures);
    try {
      return commandLine.execute(OptionSpelling.of(commandLine).normalise(arguments));
    } catch (Error e) {
      return failures.handleError(e, commandLine);
    }
  }

  /** Shows help, which may be coloured, or runs the command, whose results never are. */
  private static int show(ParseResult parsed) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    CommandLine commandLine = parsed.commandSpec().commandLine();
    CommandLine asked = innermost(parsed);
    if (!asked.getSubcommands().isEmpty()) {
      asked.usage(asked.getOut()); // Called bare: a question of what there is.
      return ExitCode.OK;
    }
    refuseNameless(asked);
    if (Terminal.OUTPUT.isThere()) {
      commandLine.setOut(VisibleWriter.to(commandLine.getOut()));
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Refuses files and folders without a name, such as those of a variable that is not set. */
  private static void refuseNameless(CommandLine command) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      boolean isPath = Arrays.asList(option.auxiliaryTypes()).contains(Path.class);
      if (isPath && option.originalStringValues().contains("")) {
        throw new ParameterException(
            command, option.longestName() + " must name a file or a folder but is ''");
      }
    }
  }

  private static CommandLine innermost(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last.commandSpec().commandLine();
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Sparsed());
    for (GeneratedModels models : GeneratedModels.all()) {
      commandLine.addSubcommand(GenerateCommand.of(models));
    }
    commandLine
        .addSubcommand(new ChatCommand())
        .addSubcommand(new ServeCommand())
        .addSubcommand(new PatternsCommand())
        .addSubcommand(new PullCommand())
        .addSubcommand(new InspectCommand())
        .addSubcommand(new MethodsCommand())
        .addSubcommand(new MakeCheckpointCommand())
        .addSubcommand(new QuantizeCommand())
        .addSubcommand(new BenchCommand())
        .addSubcommand(EvalCommands.commandLine(DemoCheckpoint::folder))
        .addSubcommand(new TrainDemoCommand())
        .addSubcommand(new DoctorCommand())
        .addSubcommand(new CompletionCommand());
    HelpForm.applyTo(commandLine);
    return commandLine
        .setExecutionStrategy(Sparsed::show)
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }
}
