package dev.sparsed.text.internal.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers with a given number of digits, as C and Python write them; without a sign. */
final class NumberText {

  private static final int MAX_DIGITS = 400;
  private static final int STEPS_OF_EXACT = 1000;

  private NumberText() {}

  /** A float by one of the types e, f and g, or one of their capitals. */
  static String of(double number, char type, long precision, boolean alternate, Budget budget) {
    if (precision > MAX_DIGITS) {
      throw new JinjaException("a number is written with at most " + MAX_DIGITS + " digits");
    }
    budget.steps(STEPS_OF_EXACT);
    String text =
        Double.isNaN(number)
            ? "nan"
            : Double.isInfinite(number)
                ? "inf"
                : switch (Character.toLowerCase(type)) {
                  case 'e' -> exponent(Math.abs(number), (int) precision);
                  case 'f' -> fixed(Math.abs(number), (int) precision);
                  default -> general(Math.abs(number), (int) Math.max(1, precision), alternate);
                };
    return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
  }

  private static String fixed(double number, int precision) {
    return new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
  }

  private static String exponent(double number, int precision) {
    return number == 0
        ? fixed(number, precision) + "e+00"
        : PythonFloat.scientific(rounded(number, precision + 1));
  }

  /** With all the digits asked for, zeros at the end included. */
  private static BigDecimal rounded(double number, int digits) {
    BigDecimal rounded =
        new BigDecimal(number).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    return rounded.setScale(rounded.scale() + digits - rounded.precision());
  }

  private static String general(double number, int digits, boolean alternate) {
    BigDecimal rounded = number == 0 ? BigDecimal.ONE : rounded(number, digits);
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= digits) {
      return alternate
          ? PythonFloat.scientific(rounded)
          : PythonFloat.scientific(rounded.stripTrailingZeros());
    }
    String plain = fixed(number, digits - 1 - exponent);
    if (alternate || plain.indexOf('.') < 0) {
      return plain;
    }
    int end = plain.length();
    while (plain.charAt(end - 1) == '0') {
      end--;
    }
    return plain.substring(0, plain.charAt(end - 1) == '.' ? end - 1 : end);
  }

  /** An int's digits by one of the types d, b, o, x and X, with a prefix where asked for. */
  static String of(long number, char type, boolean alternate) {
    String digits =
        switch (type) {
          case 'b' -> Long.toUnsignedString(Math.abs(number), 2);
          case 'o' -> Long.toUnsignedString(Math.abs(number), 8);
          case 'x', 'X' -> Long.toUnsignedString(Math.abs(number), 16);
          default -> Long.toUnsignedString(Math.abs(number));
        };
    String prefix = alternate && "boxX".indexOf(type) >= 0 ? "0" + type : "";
    return prefix + (type == 'X' ? digits.toUpperCase(Locale.ROOT) : digits);
  }
}
