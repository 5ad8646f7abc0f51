package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.PythonValue.PyList;
import java.util.ArrayList;
import java.util.List;

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
    PythonValue.defined(right);
    if (PythonValue.isNumber(left) && PythonValue.isNumber(right)) {
      return (operator.equals("/") || left instanceof Double || right instanceof Double)
          ? compute(operator, PythonValue.toDouble(left), PythonValue.toDouble(right))
          : compute(operator, PythonValue.toLong(left), PythonValue.toLong(right));
    }
    if (operator.equals("+") && left instanceof String a && right instanceof String b) {
      budget.text((long) a.length() + b.length());
      return a + b;
    }
    if (operator.equals("+")
        && left instanceof PyList a
        && right instanceof PyList b
        && a.kind() == b.kind()
        && PythonValue.isList(a)) {
      budget.spend(a.items().size() + b.items().size());
      List<Object> items = new ArrayList<>(a.items());
      items.addAll(b.items());
      return new PyList(items, a.kind());
    }
    if (operator.equals("*") && PythonValue.isInteger(right)) {
      return repeat(left, PythonValue.toLong(right), budget);
    } else if (operator.equals("*") && PythonValue.isInteger(left)) {
      return repeat(right, PythonValue.toLong(left), budget);
    }
    if (operator.equals("%") && left instanceof String) {
      throw new JinjaException("formatting text by % is not supported");
    }
    throw new JinjaException(
        "cannot compute "
            + PythonValue.type(left)
            + " "
            + operator
            + " "
            + PythonValue.type(right));
  }

  private static Object repeat(Object value, long times, Budget budget) {
    int count = (int) Math.max(0, Math.min(times, Integer.MAX_VALUE));
    if (value instanceof String text) {
      budget.text((long) text.length() * count);
      return text.repeat(count);
    } else if (value instanceof PyList list && PythonValue.isList(list)) {
      budget.spend((long) list.items().size() * count);
      List<Object> items = new ArrayList<>();
      for (int i = 0; i < count && !list.items().isEmpty(); i++) {
        items.addAll(list.items());
      }
      return new PyList(items, list.kind());
    }
    throw new JinjaException("cannot compute " + PythonValue.type(value) + " * int");
  }

  private static Object compute(String operator, long left, long right) {
    if (right == 0 && (operator.equals("//") || operator.equals("%"))) {
      throw new JinjaException("division by zero");
    }
    return switch (operator) {
      case "+" -> Math.addExact(left, right);
      case "-" -> Math.subtractExact(left, right);
      case "*" -> Math.multiplyExact(left, right);
      case "//" -> left == Long.MIN_VALUE ? Math.negateExact(left) : Math.floorDiv(left, right);
      case "%" -> Math.floorMod(left, right);
      case "**" -> right < 0 ? (Object) power((double) left, (double) right) : power(left, right);
      default -> throw new IllegalStateException(operator);
    };
  }

  private static long power(long base, long exponent) {
    if (base == 0 || base == 1) {
      return exponent == 0 ? 1 : base;
    }
    long result = 1;
    for (long i = 0; i < exponent; i++) {
      result = base == -1 ? -result : Math.multiplyExact(result, base);
      if (base == -1 && i > 1) {
        return exponent % 2 == 0 ? 1 : -1;
      }
    }
    return result;
  }

  private static double compute(String operator, double left, double right) {
    if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new JinjaException("division by zero");
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> floorDivide(left, right);
      case "%" -> modulo(left, right);
      case "**" -> power(left, right);
      default -> throw new IllegalStateException(operator);
    };
  }

  /** The remainder with the divisor's sign; exact, as the difference to a product would not be. */
  private static double modulo(double left, double right) {
    double rest = left % right;
    if (rest == 0) {
      return Math.copySign(0.0, right);
    }
    return (right < 0) == (rest < 0) ? rest : rest + right;
  }

  /** From the remainder, as Python does it: 7.0 // 0.1 is 69.0, whatever 7.0 / 0.1 rounds to. */
  private static double floorDivide(double left, double right) {
    double rest = left % right;
    double quotient = (left - rest) / right;
    if (rest != 0 && (right < 0) != (rest < 0)) {
      quotient--;
    }
    return quotient == 0 ? Math.copySign(0.0, left / right) : Math.rint(quotient);
  }

  private static double power(double base, double exponent) {
    double result = Math.pow(base, exponent);
    if (base == 0 && exponent < 0) {
      throw new JinjaException("0 cannot be raised to a negative power");
    } else if (base < 0 && Double.isNaN(result) && !Double.isNaN(exponent)) {
      throw new JinjaException("complex numbers are not supported");
    } else if (Double.isInfinite(result) && Double.isFinite(base) && Double.isFinite(exponent)) {
      throw new JinjaException("a number is too large");
    }
    return result;
  }
}
