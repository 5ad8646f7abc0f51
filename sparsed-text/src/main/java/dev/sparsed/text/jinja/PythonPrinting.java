package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.PythonValue.PyList;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Map;

/** Values as text, by Python's rules. */
final class PythonPrinting {

  private PythonPrinting() {}

  /** Python's {@code str}. */
  static String str(Object value) {
    StringBuilder out = new StringBuilder();
    if (value instanceof String text) {
      return text;
    } else if (value instanceof Undefined) {
      return "";
    }
    repr(value, out);
    return out.toString();
  }

  private static void repr(Object value, StringBuilder out) {
    if (out.length() > Budget.MAX_TEXT) {
      throw Budget.tooLong();
    }
    if (value instanceof String text) {
      out.append(PythonText.literal(text));
    } else if (value instanceof Boolean flag) {
      out.append(flag ? "True" : "False");
    } else if (value instanceof Double number) {
      out.append(str(number.doubleValue()));
    } else if (value instanceof Long || value == PythonValue.NONE) {
      out.append(value);
    } else if (value instanceof PyList list && PythonValue.isList(list)) {
      out.append(list.tuple() ? '(' : '[');
      String separator = "";
      for (Object item : list.items()) {
        out.append(separator);
        repr(item, out);
        separator = ", ";
      }
      out.append(list.tuple() ? (list.items().size() == 1 ? ",)" : ")") : "]");
    } else if (value instanceof Map<?, ?> map) {
      out.append('{');
      String separator = "";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        repr(entry.getKey(), out);
        out.append(": ");
        repr(entry.getValue(), out);
        separator = ", ";
      }
      out.append('}');
    } else {
      throw new JinjaException("a value of type " + PythonValue.type(value) + " cannot be printed");
    }
  }

  /** Python's float: the shortest digits that read back as the same number. */
  static String str(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    } else if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    } else if (number == 0) {
      return 1 / number < 0 ? "-0.0" : "0.0";
    }
    BigDecimal digits = new BigDecimal(number);
    for (int precision = 1; precision <= 17; precision++) {
      BigDecimal rounded =
          new BigDecimal(number).round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == number) {
        digits = rounded;
        break;
      }
    }
    digits = digits.stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.indexOf('.') >= 0 ? plain : plain + ".0";
    }
    String mantissa = digits.unscaledValue().abs().toString();
    String fraction = mantissa.length() > 1 ? "." + mantissa.substring(1) : "";
    return (number < 0 ? "-" : "")
        + mantissa.charAt(0)
        + fraction
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }
}
