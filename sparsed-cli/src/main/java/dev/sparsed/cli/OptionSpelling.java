package dev.sparsed.cli;

import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Lets every long option be spelled with underscores, as the published scripts mostly do, or with
 * hyphens.
 */
final class OptionSpelling {

  private final Map<String, String> declaredNames;

  private OptionSpelling(Map<String, String> declaredNames) {
    this.declaredNames = declaredNames;
  }

  static OptionSpelling of(CommandLine commandLine) {
    Map<String, String> names = new HashMap<>();
    collect(commandLine, names);
    return new OptionSpelling(names);
  }

  /** Replaces other spellings of known options by the declared one; leaves the rest alone. */
  String[] normalise(String... arguments) {
    String[] normalised = arguments.clone();
    for (int i = 0; i < normalised.length; i++) {
      String argument = normalised[i];
      int end = argument.indexOf('=') < 0 ? argument.length() : argument.indexOf('=');
      String declared = declaredNames.get(withHyphens(argument.substring(0, end)));
      if (declared != null) {
        normalised[i] = declared + argument.substring(end);
      }
    }
    return normalised;
  }

  private static void collect(CommandLine commandLine, Map<String, String> names) {
    for (OptionSpec option : commandLine.getCommandSpec().options()) {
      for (String name : option.names()) {
        if (name.startsWith("--")) {
          names.put(withHyphens(name), name);
          if (option.negatable()) {
            String negated = name.replaceFirst("^--", "--no-");
            names.put(withHyphens(negated), negated);
          }
        }
      }
    }
    commandLine.getSubcommands().values().forEach(command -> collect(command, names));
  }

  private static String withHyphens(String name) {
    return name.replace('_', '-');
  }
}
