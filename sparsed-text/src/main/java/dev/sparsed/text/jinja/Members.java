package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.PythonValue.Function;
import dev.sparsed.text.jinja.PythonValue.Namespace;
import dev.sparsed.text.jinja.PythonValue.PyList;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.util.List;
import java.util.Map;

/** What stands behind a dot or in brackets. Only what this class lists can be reached. */
final class Members {

  private Members() {}

  /** {@code value.name}: a method first, then an item. */
  static Object attribute(Object value, String name) {
    guard(value, name);
    if (value instanceof LoopVariable loop) {
      return loop.attribute(name);
    }
    Function method = PythonMethods.find(value, name);
    return method != null ? method : named(value, name);
  }

  /** {@code value[key]}: an item first, then a method. */
  static Object item(Object value, Object key) {
    if (key instanceof String name) {
      guard(value, name);
      Object found = named(value, name);
      if (found instanceof Undefined) {
        Function method = PythonMethods.find(value, name);
        return method != null ? method : found;
      }
      return found;
    }
    PythonValue.defined(value);
    if (value instanceof PyList list
        && list.kind() != PythonValue.Kind.VIEW
        && PythonValue.isInteger(key)) {
      return at(list.items(), PythonValue.toLong(key), PythonValue.type(value));
    } else if (value instanceof String text && PythonValue.isInteger(key)) {
      return at(PythonText.characters(text), PythonValue.toLong(key), "str");
    }
    PythonValue.defined(key);
    return new Undefined("a value of type " + PythonValue.type(value) + " has no such item");
  }

  /** The item at the end of a path such as {@code function.name}, as filters write it. */
  static Object path(Object value, Object path) {
    if (!(path instanceof String text)) {
      return item(value, path);
    }
    Object part = value;
    for (String name : text.split("\\.", -1)) {
      boolean isIndex =
          !name.isEmpty() && name.length() < 10 && name.chars().allMatch(Character::isDigit);
      part = isIndex ? item(part, Long.parseLong(name)) : item(part, name);
    }
    return part;
  }

  private static Object named(Object value, String name) {
    Object found = null;
    if (value instanceof Map<?, ?> map) {
      found = map.get(name);
    } else if (value instanceof Namespace namespace) {
      found = namespace.attributes.get(name);
    }
    return found != null
        ? found
        : new Undefined("a value of type " + PythonValue.type(value) + " has no " + name);
  }

  private static Object at(List<Object> items, long index, String type) {
    long fromStart = index < 0 ? index + items.size() : index;
    return fromStart >= 0 && fromStart < items.size()
        ? items.get((int) fromStart)
        : new Undefined("a value of type " + type + " has no item " + index);
  }

  private static void guard(Object value, String name) {
    PythonValue.defined(value);
    if (name.startsWith("__")) {
      throw new JinjaException("access to " + name + " is refused");
    }
  }
}
