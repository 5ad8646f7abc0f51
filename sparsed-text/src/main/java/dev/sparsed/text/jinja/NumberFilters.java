package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.CallArguments.Bound;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Jinja2's filters that make or round numbers. */
final class NumberFilters {

  private NumberFilters() {}

  static Object integer(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("default?", "base?");
    if (bound.number("base", 10) != 10) {
      throw new JinjaException("the filter int is supported for base 10 only");
    }
    Object otherwise = bound.get("default", 0L);
    if (value instanceof Double number) {
      return Double.isFinite(number) && Math.abs(number) < 0x1p62
          ? (Object) (long) number.doubleValue()
          : otherwise;
    } else if (PythonValue.isNumber(value)) {
      return PythonValue.toLong(value);
    } else if (value instanceof String text) {
      BigDecimal number = number(text);
      return number == null || number.abs().compareTo(BigDecimal.valueOf(1L << 62)) > 0
          ? otherwise
          : (Object) number.longValue();
    }
    return otherwise;
  }

  static Object floating(Object value, CallArguments arguments) {
    Object otherwise = arguments.bind("default?").get("default", 0.0);
    if (PythonValue.isNumber(value)) {
      return PythonValue.toDouble(value);
    } else if (value instanceof String text) {
      BigDecimal number = number(text);
      return number == null ? otherwise : (Object) number.doubleValue();
    }
    return otherwise;
  }

  private static @Nullable BigDecimal number(String text) {
    String stripped = PythonText.strip(text);
    if (stripped.length() > 40
        || !stripped.matches("[+-]?[0-9]*\\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")) {
      return null;
    }
    return new BigDecimal(stripped);
  }

  static Object absolute(Object value, CallArguments arguments) {
    arguments.bind();
    return value instanceof Double number
        ? (Object) Math.abs(number)
        : (Object) Math.absExact(PythonValue.toLong(value));
  }

  static Object round(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("precision?", "method?");
    RoundingMode mode =
        switch (bound.text("method", "common")) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new JinjaException("round knows common, ceil and floor");
        };
    long precision = bound.number("precision", 0);
    double number = PythonValue.toDouble(value);
    if (!Double.isFinite(number) || precision < -20 || precision > 20) {
      throw new JinjaException("round is supported for finite numbers and few digits");
    }
    double rounded = new BigDecimal(number).setScale((int) precision, mode).doubleValue();
    return value instanceof Double || mode != RoundingMode.HALF_EVEN
        ? (Object) rounded
        : (Object) (long) rounded;
  }
}
