package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class OptionSpellingTest {

  private final OptionSpelling spelling = OptionSpelling.of(Sparsed.commandLine());

  @Test
  void acceptsHyphensAndUnderscores() {
    assertArrayEquals(
        new String[] {"--seq_len", "--block_size=64", "--sampling-alg", "--kv_heads"},
        spelling.normalise("--seq-len", "--block-size=64", "--sampling_alg", "--kv-heads"));
  }

  @Test
  void leavesValuesAndUnknownOptionsAlone() {
    String[] others = {"generate", "--no-such-option", "a-b_c", "--prompt=what-is_this", "-"};
    assertArrayEquals(others, spelling.normalise(others));
  }
}
