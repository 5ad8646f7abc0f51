package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.PythonValue.PyList;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.Map;

/** Equality, order and membership, by Python's rules. */
final class PythonComparison {

  private PythonComparison() {}

  static boolean equal(Object left, Object right) {
    if (PythonValue.isNumber(left) && PythonValue.isNumber(right)) {
      return !isNan(left) && !isNan(right) && order(left, right) == 0;
    }
    if (left instanceof PyList a && right instanceof PyList b) {
      if (a.kind() != b.kind() || a.items().size() != b.items().size()) {
        return false;
      }
      Iterator<Object> others = b.items().iterator();
      for (Object item : a.items()) {
        if (!equal(item, others.next())) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      if (!a.keySet().equals(b.keySet())) {
        return false;
      }
      for (Map.Entry<?, ?> entry : a.entrySet()) {
        Object other = b.get(entry.getKey());
        if (other == null || !equal(entry.getValue(), other)) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof Undefined && right instanceof Undefined) {
      return true;
    }
    return left.equals(right);
  }

  static int compare(Object left, Object right) {
    if (PythonValue.isNumber(left) && PythonValue.isNumber(right)) {
      if (isNan(left) || isNan(right)) {
        throw new JinjaException("nan has no order");
      }
      return order(left, right);
    }
    if (left instanceof String a && right instanceof String b) {
      return PythonText.compare(a, b);
    }
    if (left instanceof PyList a && right instanceof PyList b && a.kind() == b.kind()) {
      for (int i = 0; i < Math.min(a.items().size(), b.items().size()); i++) {
        if (!equal(a.items().get(i), b.items().get(i))) {
          return compare(a.items().get(i), b.items().get(i));
        }
      }
      return Integer.compare(a.items().size(), b.items().size());
    }
    PythonValue.defined(left);
    PythonValue.defined(right);
    throw new JinjaException(
        "values of type "
            + PythonValue.type(left)
            + " and "
            + PythonValue.type(right)
            + " have no order");
  }

  private static boolean isNan(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  /** The exact order of two numbers: an int is not rounded to be compared with a float. */
  private static int order(Object left, Object right) {
    if (PythonValue.isInteger(left) && PythonValue.isInteger(right)) {
      return Long.compare(PythonValue.toLong(left), PythonValue.toLong(right));
    }
    double a = PythonValue.toDouble(left);
    double b = PythonValue.toDouble(right);
    if (a != b) {
      return a < b ? -1 : 1;
    }
    return Double.isInfinite(a) ? 0 : exact(left).compareTo(exact(right));
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Double value
        ? new BigDecimal(value)
        : BigDecimal.valueOf(PythonValue.toLong(number));
  }

  static boolean contains(Object container, Object value) {
    if (container instanceof String text) {
      if (value instanceof String part) {
        return text.contains(part);
      }
      PythonValue.defined(value);
      throw new JinjaException(
          "only a str can be in a str, this is a value of type " + PythonValue.type(value));
    }
    if (container instanceof Map<?, ?> map) {
      return value instanceof String && map.containsKey(value);
    }
    for (Object item : PythonValue.items(container)) {
      if (equal(item, value)) {
        return true;
      }
    }
    return false;
  }
}
