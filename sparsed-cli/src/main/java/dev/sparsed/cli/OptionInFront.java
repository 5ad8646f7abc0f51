package dev.sparsed.cli;

import com.google.common.base.CharMatcher;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Puts an option in front of a message that names none: the one whose value the message holds, or
 * that was given nothing.
 */
final class OptionInFront {

  /** Numbers may be in a message for other reasons. */
  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9.]+");

  private static final CharMatcher NOTHING = CharMatcher.anyOf(", ");

  private OptionInFront() {}

  /**
   * The message with the option, if there is one.
   *
   * @param command the command, after it was parsed
   * @param message what is wrong
   */
  static String of(CommandSpec command, String message) {
    if (command.options().stream().anyMatch(option -> isNamed(option, message))) {
      return message;
    }
    List<OptionSpec> meant =
        command.options().stream()
            .filter(
                option ->
                    option.originalStringValues().stream().anyMatch(value -> isIn(value, message)))
            .toList();
    return meant.size() == 1 ? meant.get(0).longestName() + ": " + message : message;
  }

  private static boolean isNamed(OptionSpec option, String message) {
    return Arrays.stream(option.names()).anyMatch(name -> hasWord(message, name));
  }

  private static boolean isIn(String value, String message) {
    return NOTHING.matchesAllOf(value)
        || (!NUMBER.matcher(value).matches() && hasWord(message, value));
  }

  private static boolean hasWord(String message, String word) {
    return Pattern.compile("(?<![\\w./-])" + Pattern.quote(word) + "(?![\\w/-])")
        .matcher(message)
        .find();
  }
}
