package dev.sparsed.text.internal.jinja;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What may stand behind the colon in {@code '{:>8.2f}'.format(value)}. */
final class FormatSpec {

  private static final Pattern SPEC =
      Pattern.compile(
          "(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?"
              + "(?<width>[0-9]{1,7})?(?<group>[,_])?(?:\\.(?<precision>[0-9]{1,7}))?"
              + "(?<type>[bcdeEfFgGnosxX%])?",
          Pattern.DOTALL);
  private static final int LONGEST = 40;

  private final String fill;
  private final char align;
  private final String sign;
  private final boolean alternate;
  private final long width;
  private final String group;
  private final long precision;
  private final char type;

  private FormatSpec(Matcher spec) {
    boolean zero = spec.group("zero") != null;
    fill = spec.group("fill") != null ? spec.group("fill") : zero ? "0" : " ";
    String given = spec.group("align");
    align = given != null ? given.charAt(0) : zero ? '=' : '\0';
    sign = spec.group("sign") == null ? "-" : spec.group("sign");
    alternate = spec.group("alternate") != null;
    width = spec.group("width") == null ? 0 : Long.parseLong(spec.group("width"));
    group = spec.group("group") == null ? "" : spec.group("group");
    precision = spec.group("precision") == null ? -1 : Long.parseLong(spec.group("precision"));
    type = spec.group("type") == null ? '\0' : spec.group("type").charAt(0);
  }

  /** A value as the specification has it. */
  static String format(Object value, String spec, Budget budget) {
    if (spec.isEmpty()) {
      return PythonPrinting.str(value, budget);
    }
    Matcher parts = SPEC.matcher(spec.length() > LONGEST ? "" : spec);
    if (spec.length() > LONGEST || !parts.matches()) {
      throw new JinjaException("the format specification " + spec + " is not supported");
    }
    return new FormatSpec(parts).format(value, budget);
  }

  private String format(Object value, Budget budget) {
    if (PythonValue.isText(value)) {
      return text(PythonValue.text(value), budget);
    } else if (PythonValue.isNumber(value)) {
      return number(value, budget);
    }
    PythonValue.defined(value);
    throw new JinjaException(
        "a value of type " + PythonValue.type(value) + " takes no format specification");
  }

  private String text(String text, Budget budget) {
    if ((type != 's' && type != '\0') || align == '=' || alternate || !group.isEmpty()) {
      throw new JinjaException("a str does not take this format specification");
    }
    String shown = precision < 0 ? text : (String) PythonSlice.of(text, 0L, precision, 1L, budget);
    return Padding.pad(shown, width, align == '\0' ? '<' : align, fill, budget);
  }

  private String number(Object value, Budget budget) {
    boolean isWhole = type == 'd' || type == 'b' || type == 'o' || type == 'x' || type == 'X';
    boolean negative;
    String digits;
    if (isWhole || (type == '\0' && value instanceof Long)) {
      if (precision >= 0) {
        throw new JinjaException("an int takes no precision");
      }
      long number = PythonValue.toLong(value);
      negative = number < 0;
      digits = NumberText.of(number, type == '\0' ? 'd' : type, alternate);
    } else if ("eEfFgG%".indexOf(type) >= 0) {
      double number = PythonValue.toDouble(value) * (type == '%' ? 100 : 1);
      negative = number < 0 || (number == 0 && 1 / number < 0);
      digits =
          NumberText.of(
              number, type == '%' ? 'f' : type, precision < 0 ? 6 : precision, alternate, budget);
    } else if (type == '\0' && value instanceof Double number && precision < 0) {
      negative = number < 0;
      digits = PythonFloat.str(Math.abs(number), budget);
    } else {
      throw new JinjaException("a number does not take this format specification here");
    }
    String before = negative ? "-" : sign.equals("-") ? "" : sign;
    String body = grouped(digits) + (type == '%' ? "%" : "");
    if (align == '=') {
      return before + Padding.pad(body, width - before.length(), '>', fill, budget);
    }
    return Padding.pad(before + body, width, align == '\0' ? '>' : align, fill, budget);
  }

  private String grouped(String digits) {
    if (group.isEmpty()) {
      return digits;
    }
    if (align == '=' || alternate || "boxX".indexOf(type) >= 0) {
      throw new JinjaException("grouped digits are supported without zeros or a prefix");
    }
    int point = 0;
    while (point < digits.length() && Character.isDigit(digits.charAt(point))) {
      point++;
    }
    StringBuilder grouped = new StringBuilder();
    for (int i = 0; i < point; i++) {
      grouped.append(i > 0 && (point - i) % 3 == 0 ? group : "").append(digits.charAt(i));
    }
    return grouped.append(digits, point, digits.length()).toString();
  }
}
