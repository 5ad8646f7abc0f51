package dev.sparsed.text.internal.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Java hands in, as a template sees it. */
final class JavaValues {

  private static final int MAX_DEPTH = 32;

  private JavaValues() {}

  /** The value that Java handed in, as a template sees it. */
  static Object from(@Nullable Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("a template variable is nested deeper than " + MAX_DEPTH);
    }
    if (value == null) {
      return PythonValue.NONE;
    } else if (value instanceof String || value instanceof Boolean) {
      return value;
    } else if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      return ((Number) value).longValue();
    } else if (value instanceof Double || value instanceof Float) {
      return ((Number) value).doubleValue();
    } else if (value instanceof List<?> list) {
      List<Object> items = new ArrayList<>();
      for (Object item : list) {
        items.add(from(item, depth + 1));
      }
      return PythonValue.list(items);
    } else if (value instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String key)) {
          throw new IllegalArgumentException("a template variable has a key that is not a String");
        }
        copy.put(key, from(entry.getValue(), depth + 1));
      }
      return Collections.unmodifiableMap(copy);
    }
    throw new IllegalArgumentException(
        "a template variable is a "
            + value.getClass().getName()
            + "; it may be a String, Boolean, Integer, Long, Double, List, Map or null");
  }
}
