package dev.sparsed.text.internal.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The values that a template computes with. A value is {@link #NONE}, a Boolean, Long, Double or
 * String, a {@link Markup}, a {@link PyList}, a Map with keys of {@link PythonDict}, an {@link
 * Undefined}, a {@link Stream}, a {@link Namespace}, a {@link Function} or a {@link LoopVariable};
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
   * Text that a template has marked as safe for HTML, which shows where it is joined with other
   * text: that is escaped.
   *
   * @param text the text
   */
  record Markup(String text) {}

  /**
   * A list or what is like one, never changed.
   *
   * @param items its values
   * @param kind what it is like
   */
  record PyList(List<Object> items, Kind kind) {}

  /** Kinds of list, told apart because they print differently and can do different things. */
  enum Kind {
    LIST("list"),
    TUPLE("tuple"),
    /** A tuple of a value and a list of those that have it, with names: grouper and list. */
    GROUP("tuple"),
    RANGE("range"),
    KEYS("dict_keys"),
    VALUES("dict_values"),
    ITEMS("dict_items");

    final String type;

    Kind(String type) {
      this.type = type;
    }

    boolean isTuple() {
      return this == TUPLE || this == GROUP;
    }

    boolean isView() {
      return this == KEYS || this == VALUES || this == ITEMS;
    }

    /** Whether two lists of these kinds may be equal, ordered or added. */
    boolean matches(Kind other) {
      return this == other || (isTuple() && other.isTuple());
    }
  }

  /**
   * What stands for a variable or attribute that does not exist: prints as nothing, is false, and
   * fails in most other uses.
   *
   * @param complaint what is said where it is used all the same, put together only then
   */
  record Undefined(Supplier<String> complaint) {

    /** What a value of a type lacks: an attribute or an item, by its name or number. */
    static Undefined of(String type, String what, Object name) {
      return new Undefined(
          () ->
              name instanceof String || name instanceof Long
                  ? "a value of type " + type + " has no " + what + name
                  : "a value of type " + type + " has no such item");
    }

    JinjaException used() {
      return new JinjaException(complaint.get());
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
    } else if (isText(value)) {
      return !text(value).isEmpty();
    } else if (value instanceof PyList list) {
      return !list.items.isEmpty();
    } else if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return value != NONE && !(value instanceof Undefined);
  }

  /** The items that a loop over the value sees. */
  static List<Object> items(Object value, Budget budget) {
    if (value instanceof PyList list) {
      return list.items;
    } else if (isText(value)) {
      return Characters.of(text(value), budget);
    } else if (value instanceof Map<?, ?> map) {
      return Lists.copy(map.keySet(), budget);
    } else if (value instanceof Stream stream) {
      return stream.items();
    } else if (value instanceof Undefined) {
      return List.of();
    }
    throw new JinjaException("a value of type " + type(value) + " has no items");
  }

  static long length(Object value, Budget budget) {
    if (value instanceof PyList list) {
      return list.items.size();
    } else if (isText(value)) {
      return PythonText.length(text(value), budget);
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
    } else if (isText(value)) {
      return "str";
    } else if (value instanceof PyList list) {
      return list.kind.type;
    } else if (value instanceof Map) {
      return "dict";
    } else if (value instanceof Undefined) {
      return "Undefined";
    } else if (value instanceof Stream) {
      return "generator";
    }
    return value instanceof Function ? "function" : "object";
  }

  static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  /** The characters of a text, marked as safe or not. */
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    } else if (value instanceof Markup markup) {
      return markup.text;
    }
    defined(value);
    throw new JinjaException("expected a str, this is a value of type " + type(value));
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

  /** Fails on a value that does not exist. */
  static void defined(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
  }
}
