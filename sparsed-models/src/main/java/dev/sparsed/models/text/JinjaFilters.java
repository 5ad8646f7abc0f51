package dev.sparsed.models.text;

import dev.sparsed.models.text.JinjaArguments.Bound;
import dev.sparsed.models.text.PythonValue.PyList;
import dev.sparsed.models.text.PythonValue.Stream;
import dev.sparsed.models.text.PythonValue.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Jinja2's filters, and {@code tojson} as Hugging Face defines it. */
final class JinjaFilters {

  /** A filter as code. */
  private interface Filter {
    Object apply(Object value, JinjaArguments arguments);
  }

  private static final Map<String, Filter> FILTERS = new LinkedHashMap<>();

  static {
    FILTERS.put("trim", JinjaFilters::trim);
    FILTERS.put("length", (value, arguments) -> none(arguments, PythonValue.length(value)));
    FILTERS.put("count", (value, arguments) -> none(arguments, PythonValue.length(value)));
    FILTERS.put(
        "lower", (value, arguments) -> none(arguments, PythonText.lower(PythonValue.str(value))));
    FILTERS.put(
        "upper", (value, arguments) -> none(arguments, PythonText.upper(PythonValue.str(value))));
    FILTERS.put(
        "capitalize",
        (value, arguments) -> none(arguments, PythonText.capitalize(PythonValue.str(value))));
    FILTERS.put("title", (value, arguments) -> none(arguments, title(PythonValue.str(value))));
    FILTERS.put("string", (value, arguments) -> none(arguments, PythonValue.str(value)));
    FILTERS.put("replace", JinjaFilters::replace);
    FILTERS.put("default", JinjaFilters::orDefault);
    FILTERS.put("d", JinjaFilters::orDefault);
    FILTERS.put("first", (value, arguments) -> none(arguments, end(value, true)));
    FILTERS.put("last", (value, arguments) -> none(arguments, end(value, false)));
    FILTERS.put("list", (value, arguments) -> none(arguments, copy(PythonValue.items(value))));
    FILTERS.put("join", JinjaFilters::join);
    FILTERS.put("map", JinjaFilters::map);
    FILTERS.put("select", (value, arguments) -> select(value, arguments, false, true));
    FILTERS.put("reject", (value, arguments) -> select(value, arguments, false, false));
    FILTERS.put("selectattr", (value, arguments) -> select(value, arguments, true, true));
    FILTERS.put("rejectattr", (value, arguments) -> select(value, arguments, true, false));
    FILTERS.put("reverse", JinjaFilters::reverse);
    FILTERS.put("sort", JinjaFilters::sort);
    FILTERS.put("unique", JinjaFilters::unique);
    FILTERS.put("items", JinjaFilters::items);
    FILTERS.put("dictsort", JinjaFilters::sortedItems);
    FILTERS.put("int", JinjaFilters::integer);
    FILTERS.put("float", JinjaFilters::floating);
    FILTERS.put("abs", JinjaFilters::absolute);
    FILTERS.put("round", JinjaFilters::round);
    FILTERS.put("sum", JinjaFilters::sum);
    FILTERS.put("min", (value, arguments) -> extreme(value, arguments, -1));
    FILTERS.put("max", (value, arguments) -> extreme(value, arguments, 1));
    FILTERS.put("indent", JinjaFilters::indent);
    FILTERS.put("tojson", JinjaFilters::json);
  }

  private static final Pattern WORD_BREAKS = Pattern.compile("(?<=[-\\s({\\[<])|(?=[-\\s({\\[<])");

  private JinjaFilters() {}

  /** The parser asks; {@code safe} it knows itself, at the end of an output. */
  static boolean isKnown(String name) {
    return FILTERS.containsKey(name) || name.equals("safe");
  }

  static Object apply(String name, Object value, JinjaArguments arguments) {
    arguments.budget().spend(1);
    Filter filter = FILTERS.get(name);
    if (filter == null) {
      throw new ChatTemplateException(
          "the filter " + name + " is not supported" + (name.equals("safe") ? " here" : ""));
    }
    if (value instanceof String text) {
      arguments.budget().text(text.length());
    } else if (value instanceof PyList list) {
      arguments.budget().spend(list.items().size());
    }
    return filter.apply(value, arguments);
  }

  private static Object none(JinjaArguments arguments, Object result) {
    arguments.bind();
    return result;
  }

  private static PyList copy(List<Object> items) {
    return PythonValue.list(new ArrayList<>(items));
  }

  private static Object trim(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("chars?");
    String text = PythonValue.str(value);
    return bound.get("chars") == PythonValue.NONE
        ? PythonText.strip(text)
        : PythonText.strip(text, bound.text("chars"));
  }

  private static String title(String text) {
    StringBuilder title = new StringBuilder(text.length());
    for (String word : WORD_BREAKS.split(text, -1)) {
      int first = word.isEmpty() ? 0 : word.offsetByCodePoints(0, 1);
      title.append(PythonText.upper(word.substring(0, first)));
      title.append(PythonText.lower(word.substring(first)));
    }
    return title.toString();
  }

  private static Object replace(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("old", "new", "count?");
    Object count = bound.get("count");
    return PythonMethods.replace(
        PythonValue.str(value),
        PythonValue.str(bound.get("old")),
        PythonValue.str(bound.get("new")),
        count == PythonValue.NONE ? -1 : PythonValue.toLong(count),
        arguments.budget());
  }

  private static Object orDefault(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("default_value?", "boolean?");
    boolean missing =
        value instanceof Undefined || (bound.flag("boolean", false) && !PythonValue.isTrue(value));
    return missing ? bound.get("default_value", "") : value;
  }

  private static Object end(Object value, boolean first) {
    List<Object> items = PythonValue.items(value);
    if (items.isEmpty()) {
      return new Undefined("no " + (first ? "first" : "last") + " item, the sequence was empty");
    }
    return items.get(first ? 0 : items.size() - 1);
  }

  private static Object join(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("d?", "attribute?");
    List<Object> items = PythonValue.items(value);
    List<Object> parts = new ArrayList<>(items.size());
    for (Object item : items) {
      Object part = bound.has("attribute") ? JinjaMembers.path(item, bound.get("attribute")) : item;
      parts.add(PythonValue.str(part));
    }
    return PythonMethods.join(PythonValue.str(bound.get("d", "")), parts, arguments.budget());
  }

  private static Object map(Object value, JinjaArguments arguments) {
    List<Object> results = new ArrayList<>();
    if (arguments.positional().isEmpty()) {
      Bound bound = arguments.bind("attribute", "default?");
      for (Object item : PythonValue.items(value)) {
        arguments.budget().spend(1);
        Object result = JinjaMembers.path(item, bound.get("attribute"));
        results.add(result instanceof Undefined ? bound.get("default", result) : result);
      }
      return new Stream(results);
    }
    String name = PythonValue.toText(arguments.positional().get(0));
    JinjaArguments rest = rest(arguments, name, 1);
    for (Object item : PythonValue.items(value)) {
      results.add(apply(name, item, rest));
    }
    return new Stream(results);
  }

  private static JinjaArguments rest(JinjaArguments arguments, String name, int skipped) {
    return new JinjaArguments(
        name,
        arguments.positional().subList(skipped, arguments.positional().size()),
        arguments.named(),
        arguments.budget());
  }

  private static Object select(
      Object value, JinjaArguments arguments, boolean byAttribute, boolean keep) {
    int at = byAttribute ? 1 : 0;
    List<Object> positional = arguments.positional();
    if (positional.size() < at) {
      throw new ChatTemplateException(arguments.what() + " needs an attribute");
    }
    String test = positional.size() > at ? PythonValue.toText(positional.get(at)) : "";
    JinjaArguments rest = test.isEmpty() ? arguments : rest(arguments, test, at + 1);
    List<Object> kept = new ArrayList<>();
    for (Object item : PythonValue.items(value)) {
      arguments.budget().spend(1);
      Object tested = byAttribute ? JinjaMembers.path(item, positional.get(0)) : item;
      boolean passes =
          test.isEmpty() ? PythonValue.isTrue(tested) : JinjaTests.test(test, tested, rest);
      if (passes == keep) {
        kept.add(item);
      }
    }
    return new Stream(kept);
  }

  private static Object reverse(Object value, JinjaArguments arguments) {
    arguments.bind();
    if (value instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    List<Object> items = new ArrayList<>(PythonValue.items(value));
    Collections.reverse(items);
    return new Stream(items);
  }

  private static Object sort(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("reverse?", "case_sensitive?", "attribute?");
    boolean caseSensitive = bound.flag("case_sensitive", false);
    Comparator<Object> order =
        (left, right) -> {
          arguments.budget().spend(1);
          return PythonValue.compare(
              key(left, bound, caseSensitive), key(right, bound, caseSensitive));
        };
    List<Object> items = new ArrayList<>(PythonValue.items(value));
    items.sort(bound.flag("reverse", false) ? order.reversed() : order);
    return PythonValue.list(items);
  }

  private static Object key(Object item, Bound bound, boolean caseSensitive) {
    Object attribute = bound.get("attribute");
    Object key = attribute == PythonValue.NONE ? item : JinjaMembers.path(item, attribute);
    return !caseSensitive && key instanceof String text ? PythonText.lower(text) : key;
  }

  private static Object unique(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("case_sensitive?", "attribute?");
    boolean caseSensitive = bound.flag("case_sensitive", false);
    List<Object> keys = new ArrayList<>();
    List<Object> kept = new ArrayList<>();
    for (Object item : PythonValue.items(value)) {
      Object key = key(item, bound, caseSensitive);
      arguments.budget().spend(1 + keys.size());
      if (!PythonValue.contains(PythonValue.list(keys), key)) {
        keys.add(key);
        kept.add(item);
      }
    }
    return new Stream(kept);
  }

  private static Object items(Object value, JinjaArguments arguments) {
    arguments.bind();
    if (value instanceof Undefined) {
      return new Stream(List.of());
    } else if (value instanceof Map<?, ?> map) {
      return new Stream(PythonMethods.pairs(map));
    }
    throw new ChatTemplateException("only a dict has items");
  }

  private static Object sortedItems(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("case_sensitive?", "by?", "reverse?");
    if (!(value instanceof Map<?, ?> map)) {
      throw new ChatTemplateException("only a dict can be sorted by dictsort");
    }
    int part =
        switch (bound.text("by", "key")) {
          case "key" -> 0;
          case "value" -> 1;
          default -> throw new ChatTemplateException("dictsort sorts by \"key\" or \"value\"");
        };
    boolean caseSensitive = bound.flag("case_sensitive", false);
    Bound whole = new Bound(Map.of());
    Comparator<Object> order =
        Comparator.comparing(
            pair -> key(((PyList) pair).items().get(part), whole, caseSensitive),
            PythonValue::compare);
    List<Object> pairs = PythonMethods.pairs(map);
    pairs.sort(bound.flag("reverse", false) ? order.reversed() : order);
    return PythonValue.list(pairs);
  }

  private static Object integer(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("default?", "base?");
    if (bound.number("base", 10) != 10) {
      throw new ChatTemplateException("the filter int is supported for base 10 only");
    }
    Object otherwise = bound.get("default", 0L);
    if (value instanceof Double number) {
      return Double.isFinite(number) && Math.abs(number) < 0x1p62
          ? (Object) (long) number.doubleValue()
          : otherwise;
    } else if (PythonValue.isNumber(value)) {
      return PythonValue.toLong(value);
    } else if (value instanceof String text) {
      BigDecimal number = number(text);
      return number == null || number.abs().compareTo(BigDecimal.valueOf(1L << 62)) > 0
          ? otherwise
          : (Object) number.longValue();
    }
    return otherwise;
  }

  private static Object floating(Object value, JinjaArguments arguments) {
    Object otherwise = arguments.bind("default?").get("default", 0.0);
    if (PythonValue.isNumber(value)) {
      return PythonValue.toDouble(value);
    } else if (value instanceof String text) {
      BigDecimal number = number(text);
      return number == null ? otherwise : (Object) number.doubleValue();
    }
    return otherwise;
  }

  private static @org.jspecify.annotations.Nullable BigDecimal number(String text) {
    String stripped = PythonText.strip(text);
    if (stripped.length() > 40
        || !stripped.matches("[+-]?[0-9]*\\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")) {
      return null;
    }
    return new BigDecimal(stripped);
  }

  private static Object absolute(Object value, JinjaArguments arguments) {
    arguments.bind();
    return value instanceof Double number
        ? (Object) Math.abs(number)
        : (Object) Math.absExact(PythonValue.toLong(value));
  }

  private static Object round(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("precision?", "method?");
    RoundingMode mode =
        switch (bound.text("method", "common")) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new ChatTemplateException("round knows common, ceil and floor");
        };
    long precision = bound.number("precision", 0);
    double number = PythonValue.toDouble(value);
    if (!Double.isFinite(number) || precision < -20 || precision > 20) {
      throw new ChatTemplateException("round is supported for finite numbers and few digits");
    }
    double rounded = new BigDecimal(number).setScale((int) precision, mode).doubleValue();
    return value instanceof Double || mode != RoundingMode.HALF_EVEN
        ? (Object) rounded
        : (Object) (long) rounded;
  }

  private static Object sum(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("attribute?", "start?");
    Object sum = bound.get("start", 0L);
    for (Object item : PythonValue.items(value)) {
      Object part =
          bound.get("attribute") == PythonValue.NONE
              ? item
              : JinjaMembers.path(item, bound.get("attribute"));
      sum = PythonValue.compute("+", sum, part, arguments.budget());
    }
    return sum;
  }

  private static Object extreme(Object value, JinjaArguments arguments, int sign) {
    Bound bound = arguments.bind("case_sensitive?", "attribute?");
    boolean caseSensitive = bound.flag("case_sensitive", false);
    Object best = null;
    for (Object item : PythonValue.items(value)) {
      if (best == null
          || sign
                  * PythonValue.compare(
                      key(item, bound, caseSensitive), key(best, bound, caseSensitive))
              > 0) {
        best = item;
      }
    }
    return best == null ? new Undefined("no item, the sequence was empty") : best;
  }

  private static Object indent(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("width?", "first?", "blank?");
    Object width = bound.get("width", 4L);
    String indention =
        width instanceof String text
            ? text
            : " ".repeat((int) Math.max(0, Math.min(1000, PythonValue.toLong(width))));
    boolean blank = bound.flag("blank", false);
    String text = PythonValue.str(value) + "\n"; // as Jinja2 does, so that a last \n counts
    List<Object> lines = PythonText.lines(text, false);
    arguments.budget().text(text.length() + (long) lines.size() * indention.length());
    StringBuilder out = new StringBuilder(bound.flag("first", false) ? indention : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      if (i > 0) {
        out.append('\n').append(blank || !line.isEmpty() ? indention : "");
      }
      out.append(line);
    }
    return out.toString();
  }

  private static Object json(Object value, JinjaArguments arguments) {
    Bound bound = arguments.bind("ensure_ascii?", "indent?", "separators?", "sort_keys?");
    Object indent = bound.get("indent");
    int width = indent == PythonValue.NONE ? -1 : (int) PythonValue.toLong(indent);
    if (width < -1 || width > 16) {
      throw new ChatTemplateException("tojson is supported for an indent from 0 to 16");
    }
    String itemSeparator = width < 0 ? ", " : ",";
    String keySeparator = ": ";
    if (bound.get("separators") instanceof PyList separators) {
      itemSeparator = PythonValue.toText(end(separators, true));
      keySeparator = PythonValue.toText(end(separators, false));
    }
    String json =
        new PythonJson(
                bound.flag("ensure_ascii", false),
                width,
                itemSeparator,
                keySeparator,
                bound.flag("sort_keys", false))
            .write(value);
    arguments.budget().text(json.length());
    return json;
  }
}
