package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ComputeDevice;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what went wrong. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {

  /** The variable by which the launcher takes another build of LibTorch. */
  private static final String PROFILE = "SPARSED_PROFILE";

  private static final String GPU = "gpu";

  /** How the backtrace of LibTorch's {@code c10::Error} begins. */
  private static final Pattern BACKTRACE =
      Pattern.compile("^(?:Exception raised from |frame #\\d)", Pattern.MULTILINE);

  /** How the options' library says that a number cannot be read. */
  private static final Pattern NOT_AN_INT = Pattern.compile("is not an int$");

  private static final String WHOLE_NUMBER = "is no whole number of at most " + Integer.MAX_VALUE;

  /** What was typed. */
  private final ImmutableList<String> arguments;

  /**
   * For one command line.
   *
   * @param arguments what was typed
   */
  Failures(String... arguments) {
    this.arguments = ImmutableList.copyOf(arguments);
  }

  @Override
  public int handleParseException(ParameterException exception, String[] read) {
    CommandLine command = exception.getCommandLine();
    print(command, exception, arguments.contains("--verbose"));
    PrintWriter err = command.getErr();
    if (exception instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        err.println("Did you mean " + String.join(" or ", suggestions) + "?");
      } else if (!unmatched.isUnknownOption()) {
        String options = optionsFor(command);
        if (!options.isEmpty()) {
          err.println("Did you mean " + options + " before it?");
        }
      }
    }
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  /** What a text without an option may be for. */
  private static String optionsFor(CommandLine command) {
    return Stream.of("-m", "-p")
        .filter(name -> command.getCommandSpec().findOption(name) != null)
        .map(name -> name.equals("-m") ? name + " (a model)" : name + " (a prompt)")
        .collect(Collectors.joining(" or "));
  }

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine command, ParseResult result) {
    print(command, exception, isVerbose(result));
    return exception instanceof BadUseException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  /**
   * Says what ended a command that Java itself could not go on with, such as too little memory.
   *
   * @return the exit code
   */
  int handleError(Error error, CommandLine command) {
    CommandLine innermost = command;
    ParseResult result = command.getParseResult();
    while (result != null && result.hasSubcommand()) {
      result = result.subcommand();
      innermost = result.commandSpec().commandLine();
    }
    print(innermost, error, result != null && isVerbose(result));
    return ExitCode.SOFTWARE;
  }

  /**
   * Says why the arguments are not those that were written.
   *
   * @return the exit code
   */
  int handleMisread(String why, CommandLine command) {
    print(command, new BadUseException(why), false);
    return ExitCode.USAGE;
  }

  private void print(CommandLine command, Throwable exception, boolean verbose) {
    PrintWriter err = command.getErr();
    String message = message(exception, verbose);
    err.println("sparsed: " + (isOfOptions(exception) ? named(command, message) : message));
    if (verbose) {
      exception.printStackTrace(err);
    }
    err.flush();
  }

  private static boolean isOfOptions(Throwable exception) {
    return exception instanceof BadUseException
        || exception instanceof CheckpointException
        || exception instanceof ParameterException
        || exception instanceof IllegalArgumentException;
  }

  private String named(CommandLine command, String message) {
    CommandSpec spec = command.getCommandSpec();
    String words = OptionInFront.of(spec, OptionWords.of(spec).in(message));
    return TypedNames.of(spec, arguments).in(words);
  }

  /**
   * The message, with the class's name where it says little without. The C++ backtrace that
   * LibTorch appends is for {@code --verbose}.
   */
  private static String message(Throwable exception, boolean verbose) {
    if (exception instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      return message(unchecked.getCause(), verbose);
    }
    if (exception instanceof IOException failure) {
      Optional<String> text = FileFailures.text(failure);
      if (text.isPresent()) {
        return text.get();
      }
    }
    String message = exception.getMessage();
    if (message == null || message.isBlank()) {
      return exception.getClass().getSimpleName() + " (--verbose shows where)";
    }
    String text = exception instanceof Error ? exception.toString() : message;
    if (exception instanceof ParameterException) {
      text = NOT_AN_INT.matcher(text).replaceFirst(WHOLE_NUMBER);
    }
    if (exception instanceof ComputeDevice.UnavailableException
        && !GPU.equals(System.getenv(PROFILE))) {
      text += "; in a checkout " + PROFILE + "=" + GPU + " ./sparsed has that build";
    }
    // What ends with a blank was to show a value.
    String ended = text.endsWith(" ") ? text + "''" : text;
    return (verbose ? ended : BACKTRACE.split(ended, 2)[0]).strip();
  }

  private static boolean isVerbose(ParseResult result) {
    ParseResult innermost = result;
    while (innermost.hasSubcommand()) {
      innermost = innermost.subcommand();
    }
    return innermost.hasMatchedOption("--verbose");
  }
}
