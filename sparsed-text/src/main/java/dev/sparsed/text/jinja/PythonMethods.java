package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.CallArguments.Bound;
import dev.sparsed.text.jinja.PythonValue.Function;
import dev.sparsed.text.jinja.PythonValue.PyList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods of Python's str, list and dict that templates use. Methods that Python has and this
 * lacks are refused by name; those that change a list or dict are refused by Hugging Face too.
 */
final class PythonMethods {

  private static final Set<String> OTHER_LIST_METHODS =
      Set.of("append", "clear", "copy", "extend", "insert", "pop", "remove", "reverse", "sort");
  private static final Set<String> OTHER_MAP_METHODS =
      Set.of("clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update");

  private PythonMethods() {}

  /** The method of a value, or null if Python has none of this name. */
  static @Nullable Function find(Object value, String name) {
    if (value instanceof String text) {
      return TextMethods.find(text, name);
    } else if (value instanceof PyList list) {
      return list(list, name);
    } else if (value instanceof Map<?, ?> map) {
      return map(map, name);
    }
    return null;
  }

  static JinjaException unsupported(String type, String name) {
    return new JinjaException("the method " + name + " of " + type + " is not supported");
  }

  private static @Nullable Function list(PyList list, String name) {
    return switch (name) {
      case "index" ->
          arguments -> {
            Object value = arguments.bind("value").get("value");
            for (int i = 0; i < list.items().size(); i++) {
              if (PythonComparison.equal(list.items().get(i), value)) {
                return (long) i;
              }
            }
            throw new JinjaException("the value to find is not in the list");
          };
      case "count" ->
          arguments -> {
            Object value = arguments.bind("value").get("value");
            return list.items().stream()
                .filter(item -> PythonComparison.equal(item, value))
                .count();
          };
      default -> {
        if (!list.tuple() && OTHER_LIST_METHODS.contains(name)) {
          throw unsupported("list", name);
        }
        yield null;
      }
    };
  }

  private static @Nullable Function map(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> arguments -> view(arguments, pairs(map));
      case "keys" -> arguments -> view(arguments, new ArrayList<>(map.keySet()));
      case "values" -> arguments -> view(arguments, new ArrayList<>(map.values()));
      case "get" ->
          arguments -> {
            Bound bound = arguments.bind("key", "default?");
            Object key = bound.get("key");
            PythonValue.defined(key);
            Object value = key instanceof String ? map.get(key) : null;
            return value == null ? bound.get("default") : value;
          };
      default -> {
        if (OTHER_MAP_METHODS.contains(name)) {
          throw unsupported("dict", name);
        }
        yield null;
      }
    };
  }

  private static Object view(CallArguments arguments, List<Object> items) {
    arguments.budget().spend(items.size());
    arguments.bind();
    return new PyList(items, PythonValue.Kind.VIEW);
  }

  static List<Object> pairs(Map<?, ?> map) {
    List<Object> pairs = new ArrayList<>(map.size());
    map.forEach((key, value) -> pairs.add(PythonValue.tuple(key, value)));
    return pairs;
  }
}
