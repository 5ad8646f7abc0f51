package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.CallArguments.Bound;
import dev.sparsed.text.jinja.PythonValue.PyList;
import dev.sparsed.text.jinja.PythonValue.Stream;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Jinja2's filters that order, choose or add up items. */
final class SequenceFilters {

  private SequenceFilters() {}

  static PyList copy(List<Object> items) {
    return PythonValue.list(new ArrayList<>(items));
  }

  static Object end(Object value, boolean first) {
    List<Object> items = PythonValue.items(value);
    if (items.isEmpty()) {
      return new Undefined("no " + (first ? "first" : "last") + " item, the sequence was empty");
    }
    return items.get(first ? 0 : items.size() - 1);
  }

  static Object reverse(Object value, CallArguments arguments) {
    arguments.bind();
    if (value instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    List<Object> items = new ArrayList<>(PythonValue.items(value));
    Collections.reverse(items);
    return new Stream(items);
  }

  static Object sort(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("reverse?", "case_sensitive?", "attribute?");
    boolean caseSensitive = bound.flag("case_sensitive", false);
    Comparator<Object> order =
        (left, right) -> {
          arguments.budget().spend(1);
          return PythonComparison.compare(
              key(left, bound, caseSensitive), key(right, bound, caseSensitive));
        };
    List<Object> items = new ArrayList<>(PythonValue.items(value));
    items.sort(bound.flag("reverse", false) ? order.reversed() : order);
    return PythonValue.list(items);
  }

  private static Object key(Object item, Bound bound, boolean caseSensitive) {
    Object attribute = bound.get("attribute");
    Object key = attribute == PythonValue.NONE ? item : Members.path(item, attribute);
    return !caseSensitive && key instanceof String text ? PythonText.lower(text) : key;
  }

  static Object unique(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("case_sensitive?", "attribute?");
    boolean caseSensitive = bound.flag("case_sensitive", false);
    List<Object> keys = new ArrayList<>();
    List<Object> kept = new ArrayList<>();
    for (Object item : PythonValue.items(value)) {
      Object key = key(item, bound, caseSensitive);
      arguments.budget().spend(1 + keys.size());
      if (!PythonComparison.contains(PythonValue.list(keys), key)) {
        keys.add(key);
        kept.add(item);
      }
    }
    return new Stream(kept);
  }

  static Object items(Object value, CallArguments arguments) {
    arguments.bind();
    if (value instanceof Undefined) {
      return new Stream(List.of());
    } else if (value instanceof Map<?, ?> map) {
      return new Stream(PythonMethods.pairs(map));
    }
    throw new JinjaException("only a dict has items");
  }

  static Object sortedItems(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("case_sensitive?", "by?", "reverse?");
    if (!(value instanceof Map<?, ?> map)) {
      throw new JinjaException("only a dict can be sorted by dictsort");
    }
    int part =
        switch (bound.text("by", "key")) {
          case "key" -> 0;
          case "value" -> 1;
          default -> throw new JinjaException("dictsort sorts by \"key\" or \"value\"");
        };
    boolean caseSensitive = bound.flag("case_sensitive", false);
    Bound whole = new Bound(Map.of());
    Comparator<Object> order =
        Comparator.comparing(
            pair -> key(((PyList) pair).items().get(part), whole, caseSensitive),
            PythonComparison::compare);
    List<Object> pairs = PythonMethods.pairs(map);
    pairs.sort(bound.flag("reverse", false) ? order.reversed() : order);
    return PythonValue.list(pairs);
  }

  static Object sum(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("attribute?", "start?");
    Object sum = bound.get("start", 0L);
    for (Object item : PythonValue.items(value)) {
      Object part =
          bound.get("attribute") == PythonValue.NONE
              ? item
              : Members.path(item, bound.get("attribute"));
      sum = PythonArithmetic.compute("+", sum, part, arguments.budget());
    }
    return sum;
  }

  static Object extreme(Object value, CallArguments arguments, int sign) {
    Bound bound = arguments.bind("case_sensitive?", "attribute?");
    boolean caseSensitive = bound.flag("case_sensitive", false);
    Object best = null;
    for (Object item : PythonValue.items(value)) {
      if (best == null
          || sign
                  * PythonComparison.compare(
                      key(item, bound, caseSensitive), key(best, bound, caseSensitive))
              > 0) {
        best = item;
      }
    }
    return best == null ? new Undefined("no item, the sequence was empty") : best;
  }
}
