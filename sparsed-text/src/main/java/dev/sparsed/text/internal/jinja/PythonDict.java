package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Dicts: Java maps from keys as {@link #key} makes them, texts nearly always. */
final class PythonDict {

  private PythonDict() {}

  /** A dict's value for a key, or null. */
  static @Nullable Object get(Map<?, ?> map, Object key, Budget budget) {
    Object known = HashKey.of(key, budget);
    return known instanceof String || known instanceof Long || known == PythonValue.NONE
        ? map.get(known)
        : null;
  }

  /** A value as a key of a new dict: a text, an int or none. */
  static Object key(Object value, Budget budget) {
    if (PythonValue.isText(value) || value instanceof Long || value == PythonValue.NONE) {
      return HashKey.of(value, budget);
    }
    PythonValue.defined(value);
    throw new JinjaException(
        "a dict is supported with keys of type str, int and NoneType, not "
            + PythonValue.type(value));
  }

  /** A key where Python takes names only, as for arguments. */
  static String name(Object key) {
    if (key instanceof String name) {
      return name;
    }
    throw new JinjaException("names are of type str, not " + PythonValue.type(key));
  }

  /** Whether Python takes a value for a key and into a set: not what can change. */
  static boolean isHashable(Object value) {
    return !(value instanceof Map)
        && !(value instanceof PyList list
            && (list.kind() == PythonValue.Kind.LIST || list.kind().isView()));
  }

  static void hashable(Object value) {
    if (!isHashable(value)) {
      throw new JinjaException(
          "a value of type " + PythonValue.type(value) + " cannot be a key or counted as unique");
    }
  }
}
