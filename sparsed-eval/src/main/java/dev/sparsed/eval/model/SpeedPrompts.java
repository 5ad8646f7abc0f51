package dev.sparsed.eval.model;

import dev.sparsed.eval.ruler.RulerGenerator;
import java.util.Arrays;
import java.util.function.Function;

/** Prompts of an exact number of tokens for measuring speed. */
final class SpeedPrompts {

  private SpeedPrompts() {}

  /** RULER's filler text, cut after so many tokens. */
  static int[] text(Function<String, int[]> encode, int length) {
    int sentences = 1 + length / 8;
    int[] tokens = encode.apply(RulerGenerator.filler(sentences));
    while (tokens.length < length) {
      sentences *= 2;
      tokens = encode.apply(RulerGenerator.filler(sentences));
    }
    return Arrays.copyOf(tokens, length);
  }
}
