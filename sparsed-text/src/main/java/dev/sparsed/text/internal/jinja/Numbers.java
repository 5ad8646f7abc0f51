package dev.sparsed.text.internal.jinja;

/** Operators on numbers, by Python's rules; ints are those that fit into 64 bits. */
final class Numbers {

  private Numbers() {}

  static Object compute(String operator, Object left, Object right) {
    return operator.equals("/") || left instanceof Double || right instanceof Double
        ? compute(operator, PythonValue.toDouble(left), PythonValue.toDouble(right))
        : compute(operator, PythonValue.toLong(left), PythonValue.toLong(right));
  }

  private static Object compute(String operator, long left, long right) {
    if (right == 0 && (operator.equals("//") || operator.equals("%"))) {
      throw new JinjaException("division by zero");
    }
    return switch (operator) {
      case "+" -> Math.addExact(left, right);
      case "-" -> Math.subtractExact(left, right);
      case "*" -> Math.multiplyExact(left, right);
      case "//" -> right == -1 ? Math.negateExact(left) : Math.floorDiv(left, right);
      case "%" -> Math.floorMod(left, right);
      case "**" -> right < 0 ? (Object) power((double) left, (double) right) : power(left, right);
      default -> throw new IllegalStateException(operator);
    };
  }

  private static long power(long base, long exponent) {
    if (base == 0 || base == 1 || exponent == 0) {
      return exponent == 0 ? 1 : base;
    } else if (base == -1) {
      return exponent % 2 == 0 ? 1 : -1;
    }
    long result = base;
    for (long i = 1; i < exponent; i++) {
      result = Math.multiplyExact(result, base); // fails before the 64th pass
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

  /** A float without what follows the point. */
  static long whole(double number) {
    if (Double.isNaN(number) || Math.abs(number) >= 0x1p63) {
      throw new JinjaException("the float " + number + " cannot be an int here");
    }
    return (long) number;
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
