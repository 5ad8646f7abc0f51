package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.Stream;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Jinja2's filters by name, and those that run others over items. */
final class Filters {

  /** A filter as code. */
  private interface Filter {
    Object apply(Object value, CallArguments arguments);
  }

  private static final Map<String, Filter> FILTERS = new HashMap<>();

  static {
    FILTERS.put("default", Filters::orDefault);
    FILTERS.put("d", Filters::orDefault);
    FILTERS.put("attr", Filters::attribute);
    FILTERS.put("map", Filters::map);
    FILTERS.put("select", (value, arguments) -> select(value, arguments, false, true));
    FILTERS.put("reject", (value, arguments) -> select(value, arguments, false, false));
    FILTERS.put("selectattr", (value, arguments) -> select(value, arguments, true, true));
    FILTERS.put("rejectattr", (value, arguments) -> select(value, arguments, true, false));
    ofText();
    ofSequences();
    FILTERS.put("int", NumberFilters::integer);
    FILTERS.put("float", NumberFilters::floating);
    FILTERS.put("abs", NumberFilters::absolute);
    FILTERS.put("round", NumberFilters::round);
  }

  private static void ofText() {
    FILTERS.put("trim", TextFilters::trim);
    FILTERS.put("lower", TextFilters::lower);
    FILTERS.put("upper", TextFilters::upper);
    FILTERS.put("capitalize", TextFilters::capitalize);
    FILTERS.put("title", TextFilters::title);
    FILTERS.put("string", TextFilters::string);
    FILTERS.put("replace", TextFilters::replace);
    FILTERS.put("join", TextFilters::join);
    FILTERS.put("indent", TextFilters::indent);
    FILTERS.put("center", TextFilters::center);
    FILTERS.put("format", TextFilters::format);
    FILTERS.put("tojson", TextFilters::json);
    FILTERS.put("safe", TextFilters::safe);
    FILTERS.put("e", TextFilters::escape);
    FILTERS.put("escape", TextFilters::escape);
    FILTERS.put("forceescape", TextFilters::forceEscape);
  }

  private static void ofSequences() {
    FILTERS.put("length", SequenceFilters::length);
    FILTERS.put("count", SequenceFilters::length);
    FILTERS.put("first", (value, arguments) -> SequenceFilters.end(value, true, arguments));
    FILTERS.put("last", (value, arguments) -> SequenceFilters.end(value, false, arguments));
    FILTERS.put("list", SequenceFilters::list);
    FILTERS.put("reverse", SequenceFilters::reverse);
    FILTERS.put("items", SequenceFilters::items);
    FILTERS.put("sum", SequenceFilters::sum);
    FILTERS.put("batch", SequenceFilters::batch);
    FILTERS.put("slice", SequenceFilters::slice);
    FILTERS.put("sort", SortFilters::sort);
    FILTERS.put("unique", SortFilters::unique);
    FILTERS.put("dictsort", SortFilters::sortedItems);
    FILTERS.put("groupby", SortFilters::groupBy);
    FILTERS.put("min", (value, arguments) -> SortFilters.extreme(value, arguments, -1));
    FILTERS.put("max", (value, arguments) -> SortFilters.extreme(value, arguments, 1));
  }

  private Filters() {}

  static Object apply(String name, Object value, CallArguments arguments) {
    arguments.budget().steps(1);
    Filter filter = FILTERS.get(name);
    if (filter == null) {
      throw new JinjaException("the filter " + name + " is not supported");
    }
    return filter.apply(value, arguments);
  }

  private static Object orDefault(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("default_value?", "boolean?");
    boolean missing =
        value instanceof Undefined || (bound.flag("boolean", false) && !PythonValue.isTrue(value));
    return missing ? bound.get("default_value", "") : value;
  }

  /** Unlike the dot the filter sees attributes only, not what stands in a dict. */
  private static Object attribute(Object value, CallArguments arguments) {
    String name = arguments.bind("name").text("name");
    Object found = Members.attribute(value, name, arguments.budget());
    return value instanceof Map && !(found instanceof PythonValue.Function)
        ? Undefined.of("dict", "attribute ", name)
        : found;
  }

  private static Object map(Object value, CallArguments arguments) {
    Budget budget = arguments.budget();
    List<Object> results = new ArrayList<>();
    if (!PythonValue.isTrue(value)) {
      return new Stream(results);
    } else if (arguments.positional().isEmpty()) {
      Bound bound = arguments.bind("attribute", "default?");
      for (Object item : PythonValue.items(value, budget)) {
        Object result = Members.path(item, bound.get("attribute"), bound.get("default"), budget);
        Lists.add(results, result, budget);
      }
      return new Stream(results);
    }
    String name = PythonValue.text(arguments.positional().get(0));
    CallArguments rest = rest(arguments, name, 1);
    for (Object item : PythonValue.items(value, budget)) {
      Lists.add(results, apply(name, item, rest), budget);
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
    Budget budget = arguments.budget();
    int at = byAttribute ? 1 : 0;
    List<Object> positional = arguments.positional();
    if (!PythonValue.isTrue(value)) {
      return new Stream(List.of());
    } else if (positional.size() < at) {
      throw arguments.wrong("needs an attribute");
    }
    boolean hasTest = positional.size() > at;
    String test = hasTest ? PythonValue.text(positional.get(at)) : "";
    CallArguments rest = hasTest ? rest(arguments, test, at + 1) : arguments;
    List<Object> kept = new ArrayList<>();
    for (Object item : PythonValue.items(value, budget)) {
      budget.steps(1);
      Object tested =
          byAttribute ? Members.path(item, positional.get(0), PythonValue.NONE, budget) : item;
      boolean passes = hasTest ? Tests.test(test, tested, rest) : PythonValue.isTrue(tested);
      if (passes == keep) {
        Lists.add(kept, item, budget);
      }
    }
    return new Stream(kept);
  }
}
