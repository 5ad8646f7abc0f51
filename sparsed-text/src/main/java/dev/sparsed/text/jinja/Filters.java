package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.CallArguments.Bound;
import dev.sparsed.text.jinja.PythonValue.PyList;
import dev.sparsed.text.jinja.PythonValue.Stream;
import dev.sparsed.text.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Jinja2's filters by name, and those that run others over items. */
final class Filters {

  /** A filter as code. */
  private interface Filter {
    Object apply(Object value, CallArguments arguments);
  }

  private static final Map<String, Filter> FILTERS = new LinkedHashMap<>();

  static {
    FILTERS.put("trim", TextFilters::trim);
    FILTERS.put("length", (value, arguments) -> none(arguments, PythonValue.length(value)));
    FILTERS.put("count", (value, arguments) -> none(arguments, PythonValue.length(value)));
    FILTERS.put(
        "lower",
        (value, arguments) -> none(arguments, PythonText.lower(PythonPrinting.str(value))));
    FILTERS.put(
        "upper",
        (value, arguments) -> none(arguments, PythonText.upper(PythonPrinting.str(value))));
    FILTERS.put(
        "capitalize",
        (value, arguments) -> none(arguments, PythonText.capitalize(PythonPrinting.str(value))));
    FILTERS.put(
        "title",
        (value, arguments) -> none(arguments, TextFilters.title(PythonPrinting.str(value))));
    FILTERS.put("string", (value, arguments) -> none(arguments, PythonPrinting.str(value)));
    FILTERS.put("replace", TextFilters::replace);
    FILTERS.put("default", Filters::orDefault);
    FILTERS.put("d", Filters::orDefault);
    FILTERS.put("first", (value, arguments) -> none(arguments, SequenceFilters.end(value, true)));
    FILTERS.put("last", (value, arguments) -> none(arguments, SequenceFilters.end(value, false)));
    FILTERS.put(
        "list",
        (value, arguments) -> none(arguments, SequenceFilters.copy(PythonValue.items(value))));
    FILTERS.put("join", TextFilters::join);
    FILTERS.put("map", Filters::map);
    FILTERS.put("select", (value, arguments) -> select(value, arguments, false, true));
    FILTERS.put("reject", (value, arguments) -> select(value, arguments, false, false));
    FILTERS.put("selectattr", (value, arguments) -> select(value, arguments, true, true));
    FILTERS.put("rejectattr", (value, arguments) -> select(value, arguments, true, false));
    FILTERS.put("reverse", SequenceFilters::reverse);
    FILTERS.put("sort", SequenceFilters::sort);
    FILTERS.put("unique", SequenceFilters::unique);
    FILTERS.put("items", SequenceFilters::items);
    FILTERS.put("dictsort", SequenceFilters::sortedItems);
    FILTERS.put("int", NumberFilters::integer);
    FILTERS.put("float", NumberFilters::floating);
    FILTERS.put("abs", NumberFilters::absolute);
    FILTERS.put("round", NumberFilters::round);
    FILTERS.put("sum", SequenceFilters::sum);
    FILTERS.put("min", (value, arguments) -> SequenceFilters.extreme(value, arguments, -1));
    FILTERS.put("max", (value, arguments) -> SequenceFilters.extreme(value, arguments, 1));
    FILTERS.put("indent", TextFilters::indent);
    FILTERS.put("tojson", TextFilters::json);
  }

  private Filters() {}

  /** The parser asks; {@code safe} it knows itself, at the end of an output. */
  static boolean isKnown(String name) {
    return FILTERS.containsKey(name) || name.equals("safe");
  }

  static Object apply(String name, Object value, CallArguments arguments) {
    arguments.budget().spend(1);
    Filter filter = FILTERS.get(name);
    if (filter == null) {
      throw new JinjaException(
          "the filter " + name + " is not supported" + (name.equals("safe") ? " here" : ""));
    }
    if (value instanceof String text) {
      arguments.budget().text(text.length());
    } else if (value instanceof PyList list) {
      arguments.budget().spend(list.items().size());
    }
    return filter.apply(value, arguments);
  }

  private static Object none(CallArguments arguments, Object result) {
    arguments.bind();
    return result;
  }

  private static Object orDefault(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("default_value?", "boolean?");
    boolean missing =
        value instanceof Undefined || (bound.flag("boolean", false) && !PythonValue.isTrue(value));
    return missing ? bound.get("default_value", "") : value;
  }

  private static Object map(Object value, CallArguments arguments) {
    List<Object> results = new ArrayList<>();
    if (arguments.positional().isEmpty()) {
      Bound bound = arguments.bind("attribute", "default?");
      for (Object item : PythonValue.items(value)) {
        arguments.budget().spend(1);
        Object result = Members.path(item, bound.get("attribute"));
        results.add(result instanceof Undefined ? bound.get("default", result) : result);
      }
      return new Stream(results);
    }
    String name = PythonValue.toText(arguments.positional().get(0));
    CallArguments rest = rest(arguments, name, 1);
    for (Object item : PythonValue.items(value)) {
      results.add(apply(name, item, rest));
    }
    return new Stream(results);
  }

  private static CallArguments rest(CallArguments arguments, String name, int skipped) {
    return new CallArguments(
        name,
        arguments.positional().subList(skipped, arguments.positional().size()),
        arguments.named(),
        arguments.budget());
  }

  private static Object select(
      Object value, CallArguments arguments, boolean byAttribute, boolean keep) {
    int at = byAttribute ? 1 : 0;
    List<Object> positional = arguments.positional();
    if (positional.size() < at) {
      throw new JinjaException(arguments.what() + " needs an attribute");
    }
    String test = positional.size() > at ? PythonValue.toText(positional.get(at)) : "";
    CallArguments rest = test.isEmpty() ? arguments : rest(arguments, test, at + 1);
    List<Object> kept = new ArrayList<>();
    for (Object item : PythonValue.items(value)) {
      arguments.budget().spend(1);
      Object tested = byAttribute ? Members.path(item, positional.get(0)) : item;
      boolean passes = test.isEmpty() ? PythonValue.isTrue(tested) : Tests.test(test, tested, rest);
      if (passes == keep) {
        kept.add(item);
      }
    }
    return new Stream(kept);
  }
}
