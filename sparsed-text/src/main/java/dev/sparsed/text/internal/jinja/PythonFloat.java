package dev.sparsed.text.internal.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/** Floats as text, by Python's rules. */
final class PythonFloat {

  /** Digits that a decimal number may have so that no two of them are the same double. */
  private static final int UNIQUE_DIGITS = 15;

  private static final int STEPS_OF_SHORT = 20;
  private static final int STEPS_OF_EXACT = 2000;

  private PythonFloat() {}

  /** Python's {@code repr}: the shortest digits that read back as the same number. */
  static String str(double number, Budget budget) {
    if (Double.isNaN(number)) {
      return "nan";
    } else if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    } else if (number == 0) {
      return 1 / number < 0 ? "-0.0" : "0.0";
    }
    BigDecimal digits = shortest(number, budget);
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.indexOf('.') >= 0 ? plain : plain + ".0";
    }
    return scientific(digits);
  }

  /** One digit, a point, the others, and an exponent of at least two digits. */
  static String scientific(BigDecimal number) {
    String digits = number.unscaledValue().abs().toString();
    int exponent = number.precision() - number.scale() - 1;
    return (number.signum() < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private static BigDecimal shortest(double number, Budget budget) {
    budget.steps(STEPS_OF_SHORT);
    // Java's digits read back too, but Java 17 has one too many now and then.
    BigDecimal java = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    if (java.precision() <= UNIQUE_DIGITS && Math.abs(number) >= Double.MIN_NORMAL) {
      return java;
    }
    budget.steps(STEPS_OF_EXACT);
    BigDecimal exact = new BigDecimal(number);
    for (int precision = 1; precision < 17; precision++) {
      // Above a power of two the doubles are wider apart, so that the farther digits may do.
      for (RoundingMode mode : List.of(RoundingMode.HALF_EVEN, RoundingMode.UP)) {
        BigDecimal rounded = exact.round(new MathContext(precision, mode));
        if (rounded.doubleValue() == number) {
          return rounded.stripTrailingZeros();
        }
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
  }
}
