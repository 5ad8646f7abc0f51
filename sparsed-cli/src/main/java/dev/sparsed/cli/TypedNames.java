package dev.sparsed.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Says in messages the name by which an option was typed, such as -n for --seq_len. */
final class TypedNames {

  /** By the names that the command declares. */
  private final TreeMap<String, String> typedOf = new TreeMap<>();

  private TypedNames() {}

  /**
   * The names that a command line holds.
   *
   * @param command the command that is meant
   * @param arguments what was typed
   */
  static TypedNames of(CommandSpec command, List<String> arguments) {
    TypedNames names = new TypedNames();
    for (OptionSpec option : command.options()) {
      Set<String> typed =
          arguments.stream()
              .flatMap(argument -> nameIn(argument, option).stream())
              .collect(Collectors.toSet());
      if (typed.size() == 1) {
        String name = typed.iterator().next();
        Arrays.stream(option.names()).forEach(each -> names.typedOf.put(each, name));
      }
    }
    return names;
  }

  /** The message with the typed names in the place of those that it has. */
  String in(String message) {
    if (typedOf.isEmpty()) {
      return message;
    }
    String any =
        typedOf.descendingKeySet().stream().map(Pattern::quote).collect(Collectors.joining("|"));
    return Pattern.compile("(?<![\\w-])(?:" + any + ")(?![\\w-])")
        .matcher(message)
        .replaceAll(found -> Matcher.quoteReplacement(typedOf.get(found.group())));
  }

  /** How an argument spells an option: {@code --seq-len=8} as --seq-len, {@code -n8} as -n. */
  private static Optional<String> nameIn(String argument, OptionSpec option) {
    int end = argument.indexOf('=') < 0 ? argument.length() : argument.indexOf('=');
    String name = argument.substring(0, end);
    for (String declared : option.names()) {
      if (declared.startsWith("--")) {
        if (name.replace('_', '-').equals(declared.replace('_', '-'))) {
          return Optional.of(name);
        }
      } else if (argument.startsWith(declared)) {
        return Optional.of(declared);
      }
    }
    return Optional.empty();
  }
}
