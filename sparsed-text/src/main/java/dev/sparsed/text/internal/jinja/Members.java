package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Function;
import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.Namespace;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.List;
import java.util.Map;

/** What stands behind a dot or in brackets. Only what this class lists can be reached. */
final class Members {

  private Members() {}

  /** {@code value.name}: a method first, then an item. */
  static Object attribute(Object value, String name, Budget budget) {
    guard(value, name);
    Object own = own(value, name, budget);
    return own instanceof Undefined missing ? named(value, name, missing, budget) : own;
  }

  /** {@code value[key]}: an item first, then a method. */
  static Object item(Object value, Object key, Budget budget) {
    PythonValue.defined(value);
    if (PythonValue.isText(key)) {
      String name = PythonValue.text(key);
      guard(value, name);
      Undefined missing = missing(value, name);
      Object found = named(value, name, missing, budget);
      return found == missing ? own(value, name, budget) : found;
    }
    if (value instanceof Map<?, ?> map && PythonDict.isHashable(key)) {
      Object found = PythonDict.get(map, key, budget);
      return found == null ? Undefined.of("dict", "item ", key) : found;
    } else if (PythonValue.isInteger(key)) {
      long index = PythonValue.toLong(key);
      if (value instanceof PyList list && !list.kind().isView()) {
        return at(list.items(), index, value);
      } else if (PythonValue.isText(value)) {
        return character(value, index, budget);
      }
    }
    return Undefined.of(PythonValue.type(value), "item ", key);
  }

  /** The item at the end of a path such as {@code function.name}, as filters write it. */
  static Object path(Object value, Object path, Object otherwise, Budget budget) {
    if (!PythonValue.isText(path)) {
      return orElse(item(value, path, budget), otherwise);
    }
    String text = PythonValue.text(path);
    Object part = value;
    int from = 0;
    while (from <= text.length()) {
      int dot = text.indexOf('.', from);
      int to = dot < 0 ? text.length() : dot;
      budget.read(4L * (to - from));
      String name = text.substring(from, to);
      part = orElse(item(part, isIndex(name) ? Long.valueOf(name) : name, budget), otherwise);
      from = to + 1;
    }
    return part;
  }

  private static Object orElse(Object value, Object otherwise) {
    return value instanceof Undefined && otherwise != PythonValue.NONE ? otherwise : value;
  }

  private static boolean isIndex(String name) {
    return !name.isEmpty()
        && name.length() < 10
        && name.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** What a value has by itself: methods, and of few kinds attributes. */
  private static Object own(Object value, String name, Budget budget) {
    if (value instanceof LoopVariable loop) {
      return loop.attribute(name);
    } else if (value instanceof Namespace namespace) {
      budget.read(name.length());
      Object found = namespace.attributes.get(name);
      return found == null ? missing(value, name) : found;
    } else if (value instanceof PyList list && list.kind() == Kind.GROUP) {
      if (name.equals("grouper") || name.equals("list")) {
        return list.items().get(name.equals("list") ? 1 : 0);
      }
    }
    Function method = PythonMethods.find(value, name, budget);
    return method == null ? missing(value, name) : method;
  }

  private static Object named(Object value, String name, Undefined missing, Budget budget) {
    Object found = value instanceof Map<?, ?> map ? PythonDict.get(map, name, budget) : null;
    return found == null ? missing : found;
  }

  private static Undefined missing(Object value, String name) {
    return Undefined.of(PythonValue.type(value), "", name);
  }

  private static Object at(List<Object> items, long index, Object list) {
    long fromStart = index < 0 ? index + items.size() : index;
    return fromStart >= 0 && fromStart < items.size()
        ? items.get((int) fromStart)
        : Undefined.of(PythonValue.type(list), "item ", index);
  }

  private static Object character(Object value, long index, Budget budget) {
    String text = PythonValue.text(value);
    Undefined missing = Undefined.of("str", "item ", index);
    long steps = index < 0 ? -index : index;
    budget.read(8 * Math.min(text.length(), Math.abs(steps)));
    int at = index < 0 ? text.length() : 0;
    for (long left = steps; left > 0; left--) {
      if (at == (index < 0 ? 0 : text.length())) {
        return missing;
      }
      at = text.offsetByCodePoints(at, index < 0 ? -1 : 1);
    }
    return at < text.length()
        ? HtmlText.like(value, Character.toString(text.codePointAt(at)))
        : missing;
  }

  private static void guard(Object value, String name) {
    PythonValue.defined(value);
    if (name.startsWith("__")) {
      throw new JinjaException("access to " + name + " is refused");
    }
  }
}
