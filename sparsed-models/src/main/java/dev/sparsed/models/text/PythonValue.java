package dev.sparsed.models.text;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values that a template computes with, and Python's rules for them. A value is {@link #NONE},
 * a Boolean, Long, Double or String, a {@link PyList}, a Map with String keys, an {@link
 * Undefined}, a {@link Stream}, a {@link Namespace}, a {@link Function} or a {@link JinjaLoop};
 * nothing else, so that no Java object is within a template's reach.
 */
final class PythonValue {

  /** Python's None. */
  static final Object NONE =
      new Object() {
        @Override
        public String toString() {
          return "None";
        }
      };

  private PythonValue() {}

  /**
   * A list or what is like one, never changed.
   *
   * @param items its values
   * @param kind what it is like
   */
  record PyList(List<Object> items, Kind kind) {
    boolean tuple() {
      return kind == Kind.TUPLE;
    }
  }

  /** Kinds of list; ranges and views of a dict are told apart because they print differently. */
  enum Kind {
    LIST,
    TUPLE,
    RANGE,
    VIEW
  }

  /**
   * What stands for a variable or attribute that does not exist: prints as nothing, is false, and
   * fails in most other uses.
   *
   * @param what the complaint
   */
  record Undefined(String what) {
    ChatTemplateException used() {
      return new ChatTemplateException(what);
    }
  }

  /** What a lazy filter yields: good for one pass, after which Python finds it empty. */
  static final class Stream {
    private final List<Object> items;
    private boolean read;

    Stream(List<Object> items) {
      this.items = items;
    }

    List<Object> items() {
      if (read) {
        throw new ChatTemplateException(
            "a filter's result is read a second time, when it is empty; it lacks | list");
      }
      read = true;
      return items;
    }
  }

  /** An object with attributes that {@code set} changes. */
  static final class Namespace {
    final Map<String, Object> attributes = new LinkedHashMap<>();
  }

  /** Something that can be called. */
  @FunctionalInterface
  interface Function {
    Object call(JinjaArguments arguments);
  }

  private static boolean isList(PyList list) {
    return list.kind == Kind.LIST || list.kind == Kind.TUPLE;
  }

  static PyList list(List<Object> items) {
    return new PyList(items, Kind.LIST);
  }

  static PyList tuple(Object... items) {
    return new PyList(List.of(items), Kind.TUPLE);
  }

  static boolean isTrue(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    } else if (value instanceof Long number) {
      return number != 0;
    } else if (value instanceof Double number) {
      return number != 0;
    } else if (value instanceof String text) {
      return !text.isEmpty();
    } else if (value instanceof PyList list) {
      return !list.items.isEmpty();
    } else if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return value != NONE && !(value instanceof Undefined);
  }

  /** The items that a loop over the value sees. */
  static List<Object> items(Object value) {
    if (value instanceof PyList list) {
      return list.items;
    } else if (value instanceof String text) {
      return PythonText.characters(text);
    } else if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    } else if (value instanceof Stream stream) {
      return stream.items();
    } else if (value instanceof Undefined) {
      return List.of();
    }
    throw new ChatTemplateException("a value of type " + type(value) + " has no items");
  }

  static long length(Object value) {
    if (value instanceof PyList list) {
      return list.items.size();
    } else if (value instanceof String text) {
      return PythonText.length(text);
    } else if (value instanceof Map<?, ?> map) {
      return map.size();
    } else if (value instanceof Undefined) {
      return 0;
    }
    throw new ChatTemplateException("a value of type " + type(value) + " has no length");
  }

  static String type(Object value) {
    if (value == NONE) {
      return "NoneType";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof Long) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    } else if (value instanceof String) {
      return "str";
    } else if (value instanceof PyList list) {
      return list.kind.name().toLowerCase(java.util.Locale.ROOT);
    } else if (value instanceof Map) {
      return "dict";
    } else if (value instanceof Undefined) {
      return "Undefined";
    } else if (value instanceof Stream) {
      return "generator";
    }
    return value instanceof Function ? "function" : "object";
  }

  // Printing

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
    if (out.length() > JinjaBudget.MAX_TEXT) {
      throw JinjaBudget.tooLong();
    }
    if (value instanceof String text) {
      out.append(PythonText.literal(text));
    } else if (value instanceof Boolean flag) {
      out.append(flag ? "True" : "False");
    } else if (value instanceof Double number) {
      out.append(str(number.doubleValue()));
    } else if (value instanceof Long || value == NONE) {
      out.append(value);
    } else if (value instanceof PyList list && isList(list)) {
      out.append(list.tuple() ? '(' : '[');
      String separator = "";
      for (Object item : list.items) {
        out.append(separator);
        repr(item, out);
        separator = ", ";
      }
      out.append(list.tuple() ? (list.items.size() == 1 ? ",)" : ")") : "]");
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
      throw new ChatTemplateException("a value of type " + type(value) + " cannot be printed");
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

  // Comparing

  static boolean equal(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return (left instanceof Double || right instanceof Double)
          ? toDouble(left) == toDouble(right)
          : toLong(left) == toLong(right);
    }
    if (left instanceof PyList a && right instanceof PyList b) {
      if (a.kind != b.kind || a.items.size() != b.items.size()) {
        return false;
      }
      Iterator<Object> others = b.items.iterator();
      for (Object item : a.items) {
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
    if (isNumber(left) && isNumber(right)) {
      return (left instanceof Double || right instanceof Double)
          ? Double.compare(toDouble(left), toDouble(right))
          : Long.compare(toLong(left), toLong(right));
    }
    if (left instanceof String a && right instanceof String b) {
      return PythonText.compare(a, b);
    }
    if (left instanceof PyList a && right instanceof PyList b && a.kind == b.kind) {
      for (int i = 0; i < Math.min(a.items.size(), b.items.size()); i++) {
        if (!equal(a.items.get(i), b.items.get(i))) {
          return compare(a.items.get(i), b.items.get(i));
        }
      }
      return Integer.compare(a.items.size(), b.items.size());
    }
    defined(left);
    defined(right);
    throw new ChatTemplateException(
        "values of type " + type(left) + " and " + type(right) + " have no order");
  }

  static boolean contains(Object container, Object value) {
    if (container instanceof String text) {
      if (value instanceof String part) {
        return text.contains(part);
      }
      defined(value);
      throw new ChatTemplateException(
          "only a str can be in a str, this is a value of type " + type(value));
    }
    if (container instanceof Map<?, ?> map) {
      return value instanceof String && map.containsKey(value);
    }
    for (Object item : items(container)) {
      if (equal(item, value)) {
        return true;
      }
    }
    return false;
  }

  // Computing

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static long toLong(Object value) {
    if (value instanceof Long number) {
      return number;
    } else if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    defined(value);
    throw new ChatTemplateException("expected an int, this is a value of type " + type(value));
  }

  static double toDouble(Object value) {
    return value instanceof Double number ? number : (double) toLong(value);
  }

  static String toText(Object value) {
    if (value instanceof String text) {
      return text;
    }
    defined(value);
    throw new ChatTemplateException("expected a str, this is a value of type " + type(value));
  }

  /** Fails on a value that does not exist. */
  static void defined(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
  }

  static Object negate(Object value) {
    return value instanceof Double number ? (Object) (-number) : Math.negateExact(toLong(value));
  }

  static Object compute(String operator, Object left, Object right, JinjaBudget budget) {
    defined(left);
    defined(right);
    if (isNumber(left) && isNumber(right)) {
      return (operator.equals("/") || left instanceof Double || right instanceof Double)
          ? compute(operator, toDouble(left), toDouble(right))
          : compute(operator, toLong(left), toLong(right));
    }
    if (operator.equals("+") && left instanceof String a && right instanceof String b) {
      budget.text((long) a.length() + b.length());
      return a + b;
    }
    if (operator.equals("+")
        && left instanceof PyList a
        && right instanceof PyList b
        && a.kind == b.kind
        && isList(a)) {
      budget.spend(a.items.size() + b.items.size());
      List<Object> items = new ArrayList<>(a.items);
      items.addAll(b.items);
      return new PyList(items, a.kind);
    }
    if (operator.equals("*") && isInteger(right)) {
      return repeat(left, toLong(right), budget);
    } else if (operator.equals("*") && isInteger(left)) {
      return repeat(right, toLong(left), budget);
    }
    if (operator.equals("%") && left instanceof String) {
      throw new ChatTemplateException("formatting text by % is not supported");
    }
    throw new ChatTemplateException(
        "cannot compute " + type(left) + " " + operator + " " + type(right));
  }

  private static Object repeat(Object value, long times, JinjaBudget budget) {
    int count = (int) Math.max(0, Math.min(times, Integer.MAX_VALUE));
    if (value instanceof String text) {
      budget.text((long) text.length() * count);
      return text.repeat(count);
    } else if (value instanceof PyList list && isList(list)) {
      budget.spend((long) list.items.size() * count);
      List<Object> items = new ArrayList<>();
      for (int i = 0; i < count && !list.items.isEmpty(); i++) {
        items.addAll(list.items);
      }
      return new PyList(items, list.kind);
    }
    throw new ChatTemplateException("cannot compute " + type(value) + " * int");
  }

  private static Object compute(String operator, long left, long right) {
    if (right == 0 && (operator.equals("//") || operator.equals("%"))) {
      throw new ChatTemplateException("division by zero");
    }
    return switch (operator) {
      case "+" -> Math.addExact(left, right);
      case "-" -> Math.subtractExact(left, right);
      case "*" -> Math.multiplyExact(left, right);
      case "//" -> left == Long.MIN_VALUE ? Math.negateExact(left) : Math.floorDiv(left, right);
      case "%" -> Math.floorMod(left, right);
      case "**" ->
          right < 0 ? (Object) Math.pow((double) left, (double) right) : power(left, right);
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
      throw new ChatTemplateException("division by zero");
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> left - right * Math.floor(left / right);
      case "**" -> Math.pow(left, right);
      default -> throw new IllegalStateException(operator);
    };
  }

  // Parts

  /** {@code value[start:stop:step]}, any of the three {@link #NONE}. */
  static Object slice(Object value, Object start, Object stop, Object step) {
    List<Object> items;
    if (value instanceof String text) {
      items = PythonText.characters(text);
    } else if (value instanceof PyList list && list.kind != Kind.VIEW) {
      items = list.items;
    } else {
      defined(value);
      throw new ChatTemplateException("a value of type " + type(value) + " has no slices");
    }
    long by = step == NONE ? 1 : toLong(step);
    if (by == 0) {
      throw new ChatTemplateException("a slice cannot step by 0");
    }
    int size = items.size();
    long least = by > 0 ? 0 : -1;
    long most = by > 0 ? size : size - 1L;
    long from = start == NONE ? (by > 0 ? least : most) : bound(toLong(start), size, least, most);
    long to = stop == NONE ? (by > 0 ? most : least) : bound(toLong(stop), size, least, most);
    List<Object> part = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      part.add(items.get((int) i));
      if (by > size || by < -size) {
        break;
      }
    }
    if (value instanceof PyList list) {
      return new PyList(part, list.kind);
    }
    StringBuilder text = new StringBuilder();
    part.forEach(text::append);
    return text.toString();
  }

  private static long bound(long index, int size, long least, long most) {
    long fromStart = index < 0 ? index + size : index;
    return Math.max(least, Math.min(most, fromStart));
  }

  /** The value that Java handed in, as a template sees it. */
  static Object fromJava(@org.jspecify.annotations.Nullable Object value, int depth) {
    if (depth > 32) {
      throw new IllegalArgumentException("a template variable is nested deeper than 32");
    }
    if (value == null) {
      return NONE;
    } else if (value instanceof String || value instanceof Boolean) {
      return value;
    } else if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      return ((Number) value).longValue();
    } else if (value instanceof Double || value instanceof Float) {
      return ((Number) value).doubleValue();
    } else if (value instanceof List<?> list) {
      List<Object> items = new ArrayList<>();
      for (Object item : list) {
        items.add(fromJava(item, depth + 1));
      }
      return list(items);
    } else if (value instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String key)) {
          throw new IllegalArgumentException("a template variable has a key that is not a String");
        }
        copy.put(key, fromJava(entry.getValue(), depth + 1));
      }
      return Collections.unmodifiableMap(copy);
    }
    throw new IllegalArgumentException(
        "a template variable is a "
            + value.getClass().getName()
            + "; it may be a String, Boolean, Integer, Long, Double, List, Map or null");
  }
}
