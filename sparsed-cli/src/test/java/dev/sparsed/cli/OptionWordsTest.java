package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Messages about values name the options, not what the library calls them. */
class OptionWordsTest {

  private static OptionWords words() {
    return OptionWords.of(
        Objects.requireNonNull(Sparsed.commandLine().getSubcommands().get("generate"))
            .getCommandSpec());
  }

  @Test
  void putsOptionsInThePlaceOfFields() {
    assertEquals("--kernel_size must be odd", words().in("kernelSize must be odd"));
    assertEquals("--block_length must be 1", words().in("block_length must be 1"));
    assertEquals("--cfg_scale must be 0", words().in("guidance must be 0"));
    assertEquals("--select must be 0 to 1", words().in("select must be 0 to 1"));
  }

  @Test
  void leavesWordsAndOptionsAlone() {
    for (String message :
        List.of(
            "--kernel_size has no meaning",
            "the steps that select blocks",
            "the threshold is passed over",
            "my-select must be",
            "blockSizes")) {
      assertEquals(message, words().in(message));
    }
  }

  static Stream<Arguments> numbers() {
    List<Arguments> all = new ArrayList<>();
    String[] model = {"--model_path", Invocation.checkpoint("tiny-llada")};
    String[] tokens = {
      model[0], model[1], "--tokens", "1,2", "--seq_len", "8", "--steps", "8", "--block_length", "8"
    };
    collect(all, tokens, "generate");
    collect(all, tokens, "bench", "generate");
    collect(all, new String[] {"--seq", "64", "--block_size", "16"}, "bench", "attention");
    collect(
        all,
        new String[] {
          model[0],
          model[1],
          "--contexts",
          "8",
          "--methods",
          "sparsed+sparse-dllm,sinks-window,dual-cache+threshold,editing"
        },
        "eval",
        "speed");
    return all.stream();
  }

  private static void collect(List<Arguments> all, String[] fixed, String... command) {
    CommandLine line = Sparsed.commandLine();
    for (String name : command) {
      line = Objects.requireNonNull(line.getSubcommands().get(name));
    }
    for (OptionSpec option : line.getCommandSpec().options()) {
      boolean isNumber =
          List.of("int", "Integer", "double", "Double").contains(option.type().getSimpleName());
      if (isNumber) {
        List<String> arguments = new ArrayList<>(List.of(command));
        for (int i = 0; i < fixed.length; i += 2) {
          if (!Arrays.asList(option.names()).contains(fixed[i])) {
            arguments.addAll(List.of(fixed[i], fixed[i + 1]));
          }
        }
        arguments.addAll(List.of(option.longestName(), "-7"));
        all.add(Arguments.of(option.longestName(), arguments));
      }
    }
  }

  @ParameterizedTest(name = "{0} of {1}")
  @MethodSource("numbers")
  void everyNumberOutOfItsRangeIsNamedAsItIsTyped(String option, List<String> arguments) {
    Invocation invocation = Invocation.of(arguments.toArray(new String[0]));
    assertEquals(2, invocation.exitCode(), invocation.err() + invocation.out());
    assertTrue(
        Arrays.stream(alternatives(option)).anyMatch(invocation.err()::contains),
        String.format(Locale.ROOT, "%s: %s", option, invocation.err()));
    assertFalse(
        invocation
            .err()
            .lines()
            .findFirst()
            .orElse("")
            .matches(".*\\b[a-z]+[A-Z][a-z].*\\bmust\\b.*"),
        invocation.err());
  }

  private static String[] alternatives(String option) {
    return new String[] {option, option.replace("--", "'--")};
  }
}
