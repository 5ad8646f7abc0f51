package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Stream;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Jinja2's filters that order items or tell them apart. */
final class SortFilters {

  private SortFilters() {}

  /** An item and what it is ordered by. */
  private record Keyed(Object key, Object item) {}

  static Object sort(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("reverse?", "case_sensitive?", "attribute?");
    List<Keyed> items = keyed(value, bound);
    // Jinja2 puts keys into lists here, so that equal ones need no order.
    sort(items, bound.flag("reverse", false), PythonComparison::compareItems, arguments.budget());
    return PythonValue.list(items(items));
  }

  private static List<Keyed> keyed(Object value, Bound bound) {
    Budget budget = bound.budget();
    boolean caseSensitive = bound.flag("case_sensitive", false);
    List<Keyed> keyed = new ArrayList<>();
    for (Object item : PythonValue.items(value, budget)) {
      budget.values(2);
      keyed.add(new Keyed(key(item, bound, caseSensitive), item));
    }
    return keyed;
  }

  /** The part of an item that counts: the item, one attribute of it, or several of them. */
  private static Object key(Object item, Bound bound, boolean caseSensitive) {
    Budget budget = bound.budget();
    Object attribute = bound.get("attribute");
    if (attribute == PythonValue.NONE) {
      return folded(item, caseSensitive, budget);
    }
    Object otherwise = bound.get("default");
    if (PythonValue.isText(attribute) && PythonValue.text(attribute).indexOf(',') >= 0) {
      List<Object> keys = new ArrayList<>();
      for (Object part : PythonText.split(PythonValue.text(attribute), ",", -1, budget)) {
        Object key = Members.path(item, part, otherwise, budget);
        Lists.add(keys, folded(key, caseSensitive, budget), budget);
      }
      return PythonValue.list(keys);
    }
    return folded(Members.path(item, attribute, otherwise, budget), caseSensitive, budget);
  }

  private static Object folded(Object key, boolean caseSensitive, Budget budget) {
    return !caseSensitive && PythonValue.isText(key)
        ? TextCase.lower(PythonValue.text(key), budget)
        : key;
  }

  /** How two values are ordered. */
  private interface Order {
    int compare(Object left, Object right, Budget budget);
  }

  private static void sort(List<Keyed> items, boolean reverse, Order order, Budget budget) {
    Comparator<Keyed> byKey = (left, right) -> order.compare(left.key(), right.key(), budget);
    items.sort(reverse ? byKey.reversed() : byKey);
  }

  private static List<Object> items(List<Keyed> keyed) {
    List<Object> items = new ArrayList<>(keyed.size());
    keyed.forEach(each -> items.add(each.item()));
    return items;
  }

  static Object unique(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("case_sensitive?", "attribute?");
    Budget budget = arguments.budget();
    List<Object> kept = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    for (Keyed each : keyed(value, bound)) {
      budget.map(1);
      if (seen.add(HashKey.of(each.key(), budget))) {
        Lists.add(kept, each.item(), budget);
      }
    }
    return new Stream(kept);
  }

  static Object sortedItems(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("case_sensitive?", "by?", "reverse?");
    Budget budget = arguments.budget();
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
    List<Keyed> keyed = new ArrayList<>();
    for (Object pair : Lists.pairs(map, budget)) {
      budget.values(2);
      keyed.add(new Keyed(folded(((PyList) pair).items().get(part), caseSensitive, budget), pair));
    }
    sort(keyed, bound.flag("reverse", false), PythonComparison::compare, budget);
    return PythonValue.list(items(keyed));
  }

  /** Items that have the same attribute, as a list beside it. */
  static Object groupBy(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("attribute", "default?", "case_sensitive?");
    Budget budget = arguments.budget();
    List<Keyed> keyed = keyed(value, bound);
    sort(keyed, false, PythonComparison::compare, budget);
    List<Object> groups = new ArrayList<>();
    int from = 0;
    while (from < keyed.size()) {
      int to = from + 1;
      while (to < keyed.size()
          && PythonComparison.equal(keyed.get(to).key(), keyed.get(from).key(), budget)) {
        to++;
      }
      Object first = keyed.get(from).item();
      Object name = key(first, bound, true);
      budget.list(to - from);
      List<Object> group = List.of(name, PythonValue.list(items(keyed.subList(from, to))));
      Lists.add(groups, new PyList(group, Kind.GROUP), budget);
      from = to;
    }
    return PythonValue.list(groups);
  }

  static Object extreme(Object value, CallArguments arguments, int sign) {
    Bound bound = arguments.bind("case_sensitive?", "attribute?");
    Keyed best = null;
    for (Keyed each : keyed(value, bound)) {
      if (best == null
          || sign * PythonComparison.compare(each.key(), best.key(), arguments.budget()) > 0) {
        best = each;
      }
    }
    return best == null
        ? new Undefined(() -> "the sequence is empty and has no " + (sign < 0 ? "min" : "max"))
        : best.item();
  }
}
