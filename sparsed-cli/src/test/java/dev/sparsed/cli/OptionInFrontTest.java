package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Messages that name no option get the one that they are about. */
class OptionInFrontTest {

  private static String of(String message, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(0, "generate");
    CommandLine.ParseResult parsed =
        Sparsed.commandLine().parseArgs(all.toArray(new String[0])).subcommand();
    return OptionInFront.of(parsed.commandSpec(), message);
  }

  @Test
  void namesTheOptionWhoseValueTheMessageHolds() {
    assertEquals("--weights: not as q3", of("not as q3", "--weights", "q3", "-p", "hello"));
    assertEquals("--model_path: \"there\" is no", of("\"there\" is no", "-m", "there"));
  }

  @Test
  void namesTheOptionThatWasGivenNothing() {
    assertEquals("--method: no method is given", of("no method is given", "--method", ""));
  }

  @Test
  void leavesMessagesThatNameOneOrCouldBeAboutSeveral() {
    assertEquals("--weights must be", of("--weights must be", "--method", "full"));
    assertEquals("full is none", of("full is none", "--method", "full", "--cache", "full"));
    assertEquals("8 is too many", of("8 is too many", "-n", "8"));
    assertEquals("there/config.json is", of("there/config.json is", "-m", "there"));
  }
}
