package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class HelpTest {

  static Stream<List<String>> commands() {
    List<List<String>> commands = new ArrayList<>();
    collect(Sparsed.commandLine(), List.of(), commands);
    return commands.stream();
  }

  private static void collect(CommandLine command, List<String> path, List<List<String>> commands) {
    commands.add(path);
    command
        .getSubcommands()
        .forEach(
            (name, child) -> {
              if (!name.equals("help")) {
                List<String> longer = new ArrayList<>(path);
                longer.add(name);
                collect(child, longer, commands);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItself(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--help");
    Invocation invocation = Invocation.of(arguments.toArray(new String[0]));
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(invocation.out().startsWith("Usage: sparsed"), invocation.out());
    assertFalse(invocation.out().contains("DEFAULT-VALUE"), invocation.out());
    assertEquals("", invocation.err());
  }

  /** Three lines that can be typed as they stand, the options of which are there. */
  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasThreeExamples(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--help");
    String help = Invocation.of(arguments.toArray(new String[0])).out();
    List<String> examples = help.lines().filter(line -> line.startsWith("  ./sparsed ")).toList();
    assertTrue(examples.size() >= 3, help);
    for (String example : examples) {
      List<String> words = new ArrayList<>(List.of(example.strip().split(" +", -1)));
      words.remove(0);
      assertEquals(command, words.subList(0, command.size()), example);
      CommandLine all = Sparsed.commandLine();
      all.parseArgs(OptionSpelling.of(all).normalise(words.toArray(new String[0])));
    }
  }

  @Test
  void showsOptionsByWhatTheyAreAbout() {
    List<String> help = Invocation.of("generate", "--help").out().lines().toList();
    int last = -1;
    for (String heading :
        List.of(
            "Model:",
            "Prompt:",
            "Length and steps:",
            "Method:",
            "Choice of tokens:",
            "Output and help:",
            "Examples:")) {
      int at = help.indexOf(heading);
      assertTrue(at > last, heading + " in " + String.join("\n", help));
      last = at;
    }
    assertEquals("Usage: sparsed generate [OPTIONS]", help.get(0));
    assertTrue(help.get(help.indexOf("Model:") + 1).contains("-m, --model_path"));
    assertTrue(help.get(help.indexOf("Prompt:") + 1).contains("-p, --prompt"));
    assertTrue(help.get(help.indexOf("Length and steps:") + 1).contains("-n, --seq_len"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "bench", "eval"})
  void aCommandOfCommandsExplainsItselfWhenCalledBare(String command) {
    String[] bare = command.isEmpty() ? new String[0] : new String[] {command};
    Invocation invocation = Invocation.of(bare);
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertEquals("", invocation.err());
    assertTrue(invocation.out().startsWith("Usage: sparsed"), invocation.out());
    assertTrue(invocation.out().contains("Examples:"), invocation.out());
    assertTrue(invocation.out().lines().count() <= 40, invocation.out());
  }

  @Test
  void namesTheCommands() {
    String help = Invocation.of("--help").out();
    for (String command :
        List.of("generate", "dream", "llada", "inspect", "make-checkpoint", "bench", "doctor")) {
      assertTrue(help.contains("  " + command + " "), help);
    }
  }

  @Test
  void printsVersions() {
    Invocation invocation = Invocation.of("--version");
    assertEquals(0, invocation.exitCode());
    assertTrue(invocation.out().lines().anyMatch(line -> line.matches("sparsed \\d+\\..*")));
  }

  /** The options of the published scripts, with their defaults. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--seq_len=128",
        "--steps=128",
        "--skip=0.2",
        "--select=0.3",
        "--block_size=128",
        "--prompt=short_context"
      })
  void hasThePublishedDefaults(String option) {
    int equals = option.indexOf('=');
    for (String command : List.of("generate", "dream", "llada")) {
      CommandLine generating =
          Objects.requireNonNull(Sparsed.commandLine().getSubcommands().get(command));
      OptionSpec found = generating.getCommandSpec().findOption(option.substring(0, equals));
      String help =
          String.join(" ", found.description())
              .replace("${DEFAULT-VALUE}", String.valueOf(found.defaultValue()));
      assertTrue(
          help.endsWith("(default: " + option.substring(equals + 1) + ")."),
          () -> command + " " + option + ": " + help);
    }
  }
}
