package dev.sparsed.eval.accuracy;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the number that a worked answer ends with, as GSM8K's scoring does: the first number after
 * the last {@code ####} if there is one, else the last number of the text. Commas between groups of
 * three digits, a currency sign, a sign before either and a full stop after the number are
 * understood; a minus that joins two words or numbers is not a sign.
 */
final class Numbers {

  // Few digits are enough for every task; the bound keeps BigDecimal cheap on hostile text.
  private static final int MAX_DIGITS = 200;

  private static final Pattern NUMBER =
      Pattern.compile(
          "(?:(?<![\\p{L}\\p{N}.,)\\]])(?<sign>[-+\u2212]))?"
              + "\\p{Sc}?"
              + "(?<inner>(?<=\\p{Sc})[-\u2212])?"
              + "(?<digits>\\d{1,3}(?:,\\d{3})+(?!\\d)(?:\\.\\d+)?|\\d+(?:\\.\\d+)?|(?<![\\p{L}\\p{N}])\\.\\d+)");

  private Numbers() {}

  static Optional<BigDecimal> last(String text) {
    int mark = text.lastIndexOf("####");
    if (mark >= 0) {
      Matcher after = NUMBER.matcher(text.substring(mark + 4));
      if (after.find()) {
        return value(after);
      }
    }
    Optional<BigDecimal> last = Optional.empty();
    Matcher matcher = NUMBER.matcher(text);
    while (matcher.find()) {
      last = value(matcher);
    }
    return last;
  }

  private static Optional<BigDecimal> value(Matcher matcher) {
    String digits = matcher.group("digits").replace(",", "");
    if (digits.length() > MAX_DIGITS) {
      return Optional.empty();
    }
    BigDecimal value = new BigDecimal(digits.startsWith(".") ? "0" + digits : digits);
    String sign = matcher.group("sign");
    boolean negative = (sign != null && !sign.equals("+")) || matcher.group("inner") != null;
    return Optional.of(negative ? value.negate() : value);
  }
}
