package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Jinja2's filters that make or round numbers. */
final class NumberFilters {

  private static final int LONGEST = 40;
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+(?:_[0-9]+)*");
  private static final Pattern FLOAT =
      Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?");
  private static final int STEPS_OF_EXACT = 500;

  private NumberFilters() {}

  static Object integer(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("default?", "base?");
    if (bound.number("base", 10) != 10) {
      throw new JinjaException("the filter int is supported for base 10 only");
    }
    PythonValue.defined(value);
    Object otherwise = bound.get("default", 0L);
    if (PythonValue.isInteger(value)) {
      return PythonValue.toLong(value);
    } else if (value instanceof Double number) {
      return Double.isNaN(number) ? otherwise : (Object) Numbers.whole(number);
    } else if (!PythonValue.isText(value)) {
      return otherwise;
    }
    String text = stripped(value, arguments.budget());
    if (INTEGER.matcher(text).matches()) {
      return number(text.replace("_", ""));
    }
    Double number = decimal(text);
    return number == null ? otherwise : (Object) Numbers.whole(number);
  }

  private static Object number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new JinjaException("the number " + digits + " is too large", e);
    }
  }

  static Object floating(Object value, CallArguments arguments) {
    Object otherwise = arguments.bind("default?").get("default", 0.0);
    PythonValue.defined(value);
    if (PythonValue.isNumber(value)) {
      return PythonValue.toDouble(value);
    } else if (!PythonValue.isText(value)) {
      return otherwise;
    }
    Double number = decimal(stripped(value, arguments.budget()).replace("_", ""));
    return number == null ? otherwise : number;
  }

  /** The text without white space around it; nothing if it is longer than a number may be. */
  private static String stripped(Object text, Budget budget) {
    String stripped = PythonText.strip(PythonValue.text(text), true, true, budget);
    if (stripped.length() > LONGEST) {
      throw new JinjaException(
          "a number is read from a text of at most " + LONGEST + " characters");
    }
    return stripped;
  }

  private static @Nullable Double decimal(String text) {
    return FLOAT.matcher(text).matches() ? (Double) Double.parseDouble(text) : null;
  }

  static Object absolute(Object value, CallArguments arguments) {
    arguments.bind();
    return value instanceof Double number
        ? (Object) Math.abs(number)
        : (Object) Math.absExact(PythonValue.toLong(value));
  }

  static Object round(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("precision?", "method?");
    arguments.budget().steps(STEPS_OF_EXACT);
    String method = bound.text("method", "common");
    if (!method.equals("common") && !method.equals("ceil") && !method.equals("floor")) {
      throw new JinjaException("round knows common, ceil and floor");
    }
    long precision = bound.number("precision", 0);
    double number = PythonValue.toDouble(value);
    if (!Double.isFinite(number) || precision < -20 || precision > 20) {
      throw new JinjaException("round is supported for finite numbers and few digits");
    }
    if (!method.equals("common")) {
      double scale = Math.pow(10, (double) precision);
      double scaled = number * scale;
      return (method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled)) / scale;
    }
    double rounded =
        new BigDecimal(number).setScale((int) precision, RoundingMode.HALF_EVEN).doubleValue();
    return value instanceof Double
        ? (Object) (rounded == 0 ? Math.copySign(rounded, number) : rounded)
        : (Object) Numbers.whole(rounded);
  }
}
