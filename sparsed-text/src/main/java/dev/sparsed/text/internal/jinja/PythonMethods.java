package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.Function;
import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods of Python's list and dict that templates use. Those that change a list or dict do not
 * exist, as in the sandbox that Hugging Face renders in.
 */
final class PythonMethods {

  private static final int BYTES_OF_METHOD = 64;

  private PythonMethods() {}

  /** The method of a value, or null if there is none of this name. */
  static @Nullable Function find(Object value, String name, Budget budget) {
    Function method = null;
    if (PythonValue.isText(value)) {
      method = TextMethods.find(value, name);
    } else if (value instanceof PyList list && !list.kind().isView()) {
      method = list(list, name);
    } else if (value instanceof Map<?, ?> map) {
      method = map(map, name);
    }
    if (method != null) {
      budget.memory(BYTES_OF_METHOD);
    }
    return method;
  }

  static JinjaException unsupported(String type, String name) {
    return new JinjaException("the method " + name + " of " + type + " is not supported");
  }

  private static @Nullable Function list(PyList list, String name) {
    return switch (name) {
      case "index" -> arguments -> index(list, arguments);
      case "count" -> arguments -> count(list, arguments);
      case "copy" ->
          list.kind() != Kind.LIST
              ? null
              : arguments -> {
                arguments.bind();
                return PythonValue.list(Lists.copy(list.items(), arguments.budget()));
              };
      default -> null;
    };
  }

  private static Object index(PyList list, CallArguments arguments) {
    Object value = arguments.bind("value").get("value");
    long index = 0;
    for (Object item : list.items()) {
      if (PythonComparison.equal(item, value, arguments.budget())) {
        return index;
      }
      index++;
    }
    throw new JinjaException("the value to find is not in the list");
  }

  private static Object count(PyList list, CallArguments arguments) {
    Object value = arguments.bind("value").get("value");
    long count = 0;
    for (Object item : list.items()) {
      count += PythonComparison.equal(item, value, arguments.budget()) ? 1 : 0;
    }
    return count;
  }

  private static final Set<String> OTHER_MAP_METHODS = Set.of("fromkeys");

  private static @Nullable Function map(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" ->
          arguments -> view(arguments, Lists.pairs(map, arguments.budget()), Kind.ITEMS);
      case "keys" ->
          arguments -> view(arguments, Lists.copy(map.keySet(), arguments.budget()), Kind.KEYS);
      case "values" ->
          arguments -> view(arguments, Lists.copy(map.values(), arguments.budget()), Kind.VALUES);
      case "get" ->
          arguments -> {
            Bound bound = arguments.bind("key", "default?");
            Object value = PythonDict.get(map, bound.get("key"), arguments.budget());
            return value == null ? bound.get("default") : value;
          };
      case "copy" ->
          arguments -> {
            arguments.bind();
            arguments.budget().map(map.size());
            return new LinkedHashMap<>(map);
          };
      default -> {
        if (OTHER_MAP_METHODS.contains(name)) {
          throw unsupported("dict", name);
        }
        yield null;
      }
    };
  }

  private static Object view(CallArguments arguments, List<Object> items, Kind kind) {
    arguments.bind();
    return new PyList(items, kind);
  }
}
