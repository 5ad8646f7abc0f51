package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Messages name options as they were typed. */
class TypedNamesTest {

  private static String in(String message, String... typed) {
    return TypedNames.of(
            Objects.requireNonNull(Sparsed.commandLine().getSubcommands().get("generate"))
                .getCommandSpec(),
            List.of(typed))
        .in(message);
  }

  @Test
  void takesTheNameThatWasTyped() {
    assertEquals("-n must be", in("--seq_len must be", "generate", "-n", "0"));
    assertEquals("-n must be", in("--seq_len must be", "-n0"));
    assertEquals("--seq-len must be", in("--seq_len must be", "--seq-len=0"));
    assertEquals("option '-n': 'x'", in("option '--seq_len': 'x'", "-n", "x"));
  }

  @Test
  void leavesWhatWasNotTypedOrTypedInTwoWays() {
    assertEquals("--seq_len must be", in("--seq_len must be", "--steps", "3"));
    assertEquals("--seq_len must be", in("--seq_len must be", "-n", "3", "--seq-len", "4"));
    assertEquals("--prompt_text", in("--prompt_text", "-p", "4k"));
  }
}
