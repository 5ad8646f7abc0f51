package dev.sparsed.cli.options;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.prompts.TokenLengths;
import java.util.function.Function;

/** Reads numbers of tokens that options give, such as 4096 or 4k, and names the option. */
public final class GivenLengths {

  private GivenLengths() {}

  /**
   * Reads one.
   *
   * @param option the option
   * @param value what it gives
   * @return the number
   * @throws IllegalArgumentException if it is none, with the option's name
   */
  public static int one(String option, String value) {
    return read(option, value, TokenLengths::parse);
  }

  /**
   * Reads several.
   *
   * @param option the option
   * @param value what it gives, with commas between them
   * @return the numbers, at least one
   * @throws IllegalArgumentException if there is none, or one is no such number, with the option's
   *     name
   */
  public static ImmutableList<Integer> several(String option, String value) {
    return read(option, value, TokenLengths::parseList);
  }

  private static <T> T read(String option, String value, Function<String, T> parser) {
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }
}
