package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Equality, order and membership, by Python's rules. */
final class PythonComparison {

  private static final int STEPS_OF_EXACT = 100;

  private PythonComparison() {}

  static boolean equal(Object left, Object right, Budget budget) {
    budget.steps(1);
    if (PythonValue.isNumber(left) && PythonValue.isNumber(right)) {
      return !isNan(left) && !isNan(right) && order(left, right, budget) == 0;
    } else if (PythonValue.isText(left) && PythonValue.isText(right)) {
      return equal(PythonValue.text(left), PythonValue.text(right), budget);
    } else if (left == right || (left instanceof Undefined && right instanceof Undefined)) {
      return true;
    } else if (left instanceof PyList a && right instanceof PyList b) {
      budget.enter();
      boolean equal = equalLists(a, b, budget);
      budget.leave();
      return equal;
    } else if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      budget.enter();
      boolean equal = equalMaps(a, b, budget);
      budget.leave();
      return equal;
    }
    return false;
  }

  private static boolean equal(String left, String right, Budget budget) {
    if (left.length() != right.length()) {
      return false;
    }
    budget.read(left.length());
    return left.equals(right);
  }

  /** Within lists and dicts Python takes a value for equal to itself, even where it is not. */
  private static boolean same(Object left, Object right, Budget budget) {
    return left == right || equal(left, right, budget);
  }

  private static boolean equalLists(PyList left, PyList right, Budget budget) {
    if (left.kind().isView() && right.kind().isView()) {
      throw new JinjaException(
          "what keys(), values() and items() give can only be compared | list");
    }
    if (!left.kind().matches(right.kind()) || left.items().size() != right.items().size()) {
      return false;
    }
    Iterator<Object> others = right.items().iterator();
    for (Object item : left.items()) {
      budget.steps(1);
      if (!same(item, others.next(), budget)) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalMaps(Map<?, ?> left, Map<?, ?> right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : left.entrySet()) {
      Object other = PythonDict.get(right, entry.getKey(), budget);
      if (other == null || !same(entry.getValue(), other, budget)) {
        return false;
      }
    }
    return true;
  }

  static int compare(Object left, Object right, Budget budget) {
    budget.steps(1);
    if (PythonValue.isNumber(left) && PythonValue.isNumber(right)) {
      if (isNan(left) || isNan(right)) {
        throw new JinjaException("nan has no order");
      }
      return order(left, right, budget);
    }
    if (PythonValue.isText(left) && PythonValue.isText(right)) {
      String a = PythonValue.text(left);
      String b = PythonValue.text(right);
      budget.read(4L * Math.min(a.length(), b.length()));
      return PythonText.compare(a, b);
    }
    if (left instanceof PyList a
        && right instanceof PyList b
        && a.kind().matches(b.kind())
        && isOrdered(a)) {
      budget.enter();
      int order = compareLists(a.items(), b.items(), budget);
      budget.leave();
      return order;
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

  private static boolean isOrdered(PyList list) {
    return list.kind() == PythonValue.Kind.LIST || list.kind().isTuple();
  }

  /** The order of two items of lists: none is needed of those that are equal. */
  static int compareItems(Object left, Object right, Budget budget) {
    return same(left, right, budget) ? 0 : compare(left, right, budget);
  }

  private static int compareLists(List<Object> left, List<Object> right, Budget budget) {
    int shorter = Math.min(left.size(), right.size());
    for (int i = 0; i < shorter; i++) {
      budget.steps(1);
      int order = compareItems(left.get(i), right.get(i), budget);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  private static boolean isNan(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  /** The exact order of two numbers: an int is not rounded to be compared with a float. */
  private static int order(Object left, Object right, Budget budget) {
    if (PythonValue.isInteger(left) && PythonValue.isInteger(right)) {
      return Long.compare(PythonValue.toLong(left), PythonValue.toLong(right));
    }
    double a = PythonValue.toDouble(left);
    double b = PythonValue.toDouble(right);
    if (a != b || (left instanceof Double && right instanceof Double)) {
      return a == b ? 0 : a < b ? -1 : 1;
    }
    budget.steps(STEPS_OF_EXACT);
    return exact(left).compareTo(exact(right));
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Double value
        ? new BigDecimal(value)
        : BigDecimal.valueOf(PythonValue.toLong(number));
  }

  static boolean contains(Object container, Object value, Budget budget) {
    if (PythonValue.isText(container)) {
      PythonValue.defined(value);
      if (!PythonValue.isText(value)) {
        throw new JinjaException(
            "only a str can be in a str, this is a value of type " + PythonValue.type(value));
      }
      return TextSearch.contains(PythonValue.text(container), PythonValue.text(value), budget);
    }
    if (container instanceof Map<?, ?> map) {
      return PythonDict.get(map, value, budget) != null;
    }
    for (Object item : PythonValue.items(container, budget)) {
      if (same(item, value, budget)) {
        return true;
      }
    }
    return false;
  }
}
