package dev.sparsed.examples.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what went wrong. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {

  @Override
  public int handleParseException(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    print(command, exception, Arrays.asList(arguments).contains("--verbose"));
    PrintWriter err = command.getErr();
    if (exception instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        err.println("Did you mean " + String.join(" or ", suggestions) + "?");
      }
    }
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine command, ParseResult result) {
    print(command, exception, isVerbose(result));
    return exception instanceof BadUseException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  private static void print(CommandLine command, Throwable exception, boolean verbose) {
    PrintWriter err = command.getErr();
    err.println(
        command
            .getColorScheme()
            .errorText("sparsed: " + message(exception).replace("@|", "@ |"))
            .toString());
    if (verbose) {
      exception.printStackTrace(err);
    }
    err.flush();
  }

  /** The message, with the class's name only where there is no message. */
  private static String message(Throwable exception) {
    String message = exception.getMessage();
    return message == null || message.isBlank()
        ? exception.getClass().getSimpleName() + " (--verbose shows where)"
        : message.strip();
  }

  private static boolean isVerbose(ParseResult result) {
    ParseResult innermost = result;
    while (innermost.hasSubcommand()) {
      innermost = innermost.subcommand();
    }
    return innermost.hasMatchedOption("--verbose");
  }
}
