package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Commands that the README and the documents show in blocks of their own can be typed. */
class DocumentedCommandsTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("(?s)```sh\n(.*?)```");
  private static final Pattern COMMAND = Pattern.compile("(?:\\w+=\\w* )*\\./sparsed\\b(.*)");

  /**
   * What stands in quotes, or without blanks; the rest of a line that begins with # is a remark.
   */
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(#.*)|(\\S+)");

  static List<List<String>> commands() throws IOException {
    List<List<String>> commands = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      for (Path file : Stream.concat(Stream.of(ROOT.resolve("README.md")), files).toList()) {
        if (file.toString().endsWith(".md")) {
          String text = Files.readString(file).replace("\\\n", " ");
          BLOCK.matcher(text).results().forEach(block -> collect(block.group(1), commands));
        }
      }
    }
    return commands;
  }

  private static void collect(String block, List<List<String>> commands) {
    block
        .lines()
        .map(COMMAND::matcher)
        .filter(Matcher::matches)
        .map(command -> words(command.group(1)))
        // Jars of plug-ins are read while their option is parsed.
        .filter(words -> !words.contains("--plugins"))
        .forEach(commands::add);
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    while (word.find() && word.group(3) == null) {
      for (int quoted : new int[] {1, 2, 4}) {
        if (word.group(quoted) != null) {
          words.add(word.group(quoted));
        }
      }
    }
    return words;
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theCommandCanBeTyped(List<String> words) {
    CommandLine commandLine = Sparsed.commandLine();
    String[] arguments = words.toArray(String[]::new);
    assertDoesNotThrow(
        () -> commandLine.parseArgs(OptionSpelling.of(commandLine).normalise(arguments)));
  }
}
