package dev.sparsed.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The values that a template computes with, and what kind each is of. A value is {@link #NONE}, a
 * Boolean, Long, Double or String, a {@link PyList}, a Map with String keys, an {@link Undefined},
 * a {@link Stream}, a {@link Namespace}, a {@link Function} or a {@link LoopVariable}; nothing
 * else, so that no Java object is within a template's reach.
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
    JinjaException used() {
      return new JinjaException(what);
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
        throw new JinjaException(
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
    Object call(CallArguments arguments);
  }

  static boolean isList(PyList list) {
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
    throw new JinjaException("a value of type " + type(value) + " has no items");
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
    throw new JinjaException("a value of type " + type(value) + " has no length");
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
      return list.kind.name().toLowerCase(Locale.ROOT);
    } else if (value instanceof Map) {
      return "dict";
    } else if (value instanceof Undefined) {
      return "Undefined";
    } else if (value instanceof Stream) {
      return "generator";
    }
    return value instanceof Function ? "function" : "object";
  }

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
    throw new JinjaException("expected an int, this is a value of type " + type(value));
  }

  static double toDouble(Object value) {
    return value instanceof Double number ? number : (double) toLong(value);
  }

  static String toText(Object value) {
    if (value instanceof String text) {
      return text;
    }
    defined(value);
    throw new JinjaException("expected a str, this is a value of type " + type(value));
  }

  /** Fails on a value that does not exist. */
  static void defined(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
  }
}
