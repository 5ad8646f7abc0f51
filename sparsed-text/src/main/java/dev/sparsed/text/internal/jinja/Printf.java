package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Markup;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's {@code format % values}. */
final class Printf {

  private static final int DEFAULT_DIGITS = 6;

  private final String format;
  private final Budget budget;
  private final List<Object> values;
  private final @Nullable Map<?, ?> named;
  private final boolean isCounted;
  private final TextBuilder out;
  private int position;
  private int used;

  private Printf(String format, Object values, Budget budget) {
    this.format = format;
    this.budget = budget;
    this.named = values instanceof Map<?, ?> map ? map : null;
    this.values =
        values instanceof PyList list && list.kind().isTuple() ? list.items() : List.of(values);
    // What can be asked for items, and is no tuple or text, may be left over.
    isCounted =
        !(values instanceof Map || values instanceof Undefined)
            && !(values instanceof PyList list && !list.kind().isTuple());
    out = new TextBuilder(budget);
  }

  /**
   * Writes values into a text.
   *
   * @param format the text, with a directive such as {@code %s} for each value
   * @param values a tuple of values, a dict for directives with names, or the only value
   */
  static String format(Object format, Object values, Budget budget) {
    if (format instanceof Markup) {
      throw new JinjaException("writing values into safe text is not supported");
    }
    return new Printf(PythonValue.text(format), values, budget).run();
  }

  private String run() {
    budget.read(8L * format.length());
    while (position < format.length()) {
      int percent = format.indexOf('%', position);
      int end = percent < 0 ? format.length() : percent;
      out.append(format, position, end);
      position = end + 1;
      if (percent >= 0) {
        directive();
      }
    }
    if (isCounted && used < values.size()) {
      throw new JinjaException("a format has fewer directives than there are values");
    }
    return out.toString();
  }

  private void directive() {
    Object value = null;
    if (peek() == '(') {
      value = byName();
    }
    StringBuilder flags = new StringBuilder();
    while ("#0- +".indexOf(peek()) >= 0) {
      flags.append(next());
    }
    long width = number();
    if (width < 0) {
      flags.append('-');
      width = Math.negateExact(width);
    }
    long precision = -1;
    if (peek() == '.') {
      next();
      precision = Math.max(0, number());
    }
    while ("hlL".indexOf(peek()) >= 0) {
      next();
    }
    char type = next();
    if (type == '%') {
      out.append("%");
      return;
    }
    write(new Directive(flags.toString(), width, precision, type), value == null ? take() : value);
  }

  /**
   * A directive's parts.
   *
   * @param precision digits, or -1
   */
  private record Directive(String flags, long width, long precision, char type) {
    boolean has(char flag) {
      return flags.indexOf(flag) >= 0;
    }
  }

  private Object byName() {
    int end = format.indexOf(')', position);
    if (named == null || end < 0) {
      throw new JinjaException("a format with names needs a dict of values");
    }
    String name = format.substring(position + 1, end);
    position = end + 1;
    Object value = PythonDict.get(named, name, budget);
    if (value == null) {
      throw new JinjaException("a format needs the value " + name);
    }
    return value;
  }

  private char peek() {
    if (position >= format.length()) {
      throw new JinjaException("a format ends within a directive");
    }
    return format.charAt(position);
  }

  private char next() {
    char c = peek();
    position++;
    return c;
  }

  private long number() {
    if (peek() == '*') {
      next();
      return PythonValue.toLong(take());
    }
    long number = 0;
    while (peek() >= '0' && peek() <= '9') {
      number = Math.min(Budget.MAX_TEXT + 1L, 10 * number + next() - '0');
    }
    return number;
  }

  private Object take() {
    if (used >= values.size()) {
      throw new JinjaException("a format has more directives than there are values");
    }
    return values.get(used++);
  }

  private void write(Directive directive, Object value) {
    String sign = "";
    String text;
    switch (directive.type()) {
      case 's', 'r' -> {
        text =
            directive.type() == 's'
                ? PythonPrinting.str(value, budget)
                : PythonPrinting.repr(value, budget);
        if (directive.precision() >= 0) {
          text = (String) PythonSlice.of(text, 0L, directive.precision(), 1L, budget);
        }
      }
      case 'd', 'i', 'u', 'o', 'x', 'X' -> {
        boolean whole = value instanceof Double && "diu".indexOf(directive.type()) >= 0;
        long number = whole ? Numbers.whole((Double) value) : PythonValue.toLong(value);
        text = NumberText.of(number, directive.type(), directive.has('#'));
        if (directive.precision() > text.length()) {
          throw new JinjaException("the precision of an int is not supported");
        }
        sign = number < 0 ? "-" : "";
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        double number = PythonValue.toDouble(value);
        long digits = directive.precision() < 0 ? DEFAULT_DIGITS : directive.precision();
        text = NumberText.of(number, directive.type(), digits, directive.has('#'), budget);
        sign = Math.copySign(1, number) < 0 && !Double.isNaN(number) ? "-" : "";
      }
      default ->
          throw new JinjaException("the directive %" + directive.type() + " is not supported");
    }
    boolean isNumber = directive.type() != 's' && directive.type() != 'r';
    if (isNumber && sign.isEmpty()) {
      sign = directive.has('+') ? "+" : directive.has(' ') ? " " : "";
    }
    pad(directive, sign, text, isNumber);
  }

  private void pad(Directive directive, String sign, String text, boolean isNumber) {
    long missing = directive.width() - sign.length() - PythonText.length(text, budget);
    boolean left = directive.has('-');
    boolean zeros = isNumber && directive.has('0') && !left;
    out.repeat(" ", left || zeros ? 0 : missing).append(sign);
    int prefix = zeros && directive.has('#') && "xXo".indexOf(directive.type()) >= 0 ? 2 : 0;
    out.append(text, 0, prefix).repeat("0", zeros ? missing : 0);
    out.append(text, prefix, text.length()).repeat(" ", left ? missing : 0);
  }
}
