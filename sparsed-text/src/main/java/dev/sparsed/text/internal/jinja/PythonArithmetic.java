package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.Markup;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import org.jspecify.annotations.Nullable;

/** Operators on numbers, texts and lists, by Python's rules. */
final class PythonArithmetic {

  private PythonArithmetic() {}

  static Object negate(Object value) {
    return value instanceof Double number
        ? (Object) (-number)
        : Math.negateExact(PythonValue.toLong(value));
  }

  static Object compute(String operator, Object left, Object right, Budget budget) {
    PythonValue.defined(left);
    if (operator.equals("%") && PythonValue.isText(left)) {
      return Printf.format(left, right, budget);
    }
    PythonValue.defined(right);
    if (PythonValue.isNumber(left) && PythonValue.isNumber(right)) {
      return Numbers.compute(operator, left, right);
    }
    Object result =
        switch (operator) {
          case "+" -> add(left, right, budget);
          case "*" ->
              PythonValue.isInteger(right)
                  ? repeat(left, PythonValue.toLong(right), budget)
                  : PythonValue.isInteger(left)
                      ? repeat(right, PythonValue.toLong(left), budget)
                      : null;
          default -> null;
        };
    if (result == null) {
      throw new JinjaException(
          "cannot compute "
              + PythonValue.type(left)
              + " "
              + operator
              + " "
              + PythonValue.type(right));
    }
    return result;
  }

  private static @Nullable Object add(Object left, Object right, Budget budget) {
    if (left instanceof String a && right instanceof String b) {
      budget.text((long) a.length() + b.length());
      return a.concat(b);
    } else if (PythonValue.isText(left) && PythonValue.isText(right)) {
      String a = HtmlText.escaped(left, budget).text();
      String b = HtmlText.escaped(right, budget).text();
      budget.text((long) a.length() + b.length());
      return new Markup(a.concat(b));
    } else if (left instanceof PyList a
        && right instanceof PyList b
        && a.kind().matches(b.kind())
        && isSequence(a)) {
      return Lists.concatenated(a, b, budget);
    }
    return null;
  }

  private static @Nullable Object repeat(Object value, long times, Budget budget) {
    if (PythonValue.isText(value)) {
      String text = PythonValue.text(value);
      int count = text.isEmpty() ? 0 : (int) Math.max(0, Math.min(times, Integer.MAX_VALUE));
      budget.text((long) text.length() * count);
      return HtmlText.like(value, text.repeat(count));
    } else if (value instanceof PyList list && isSequence(list)) {
      return Lists.repeated(list, times, budget);
    }
    return null;
  }

  private static boolean isSequence(PyList list) {
    return list.kind() == Kind.LIST || list.kind().isTuple();
  }
}
