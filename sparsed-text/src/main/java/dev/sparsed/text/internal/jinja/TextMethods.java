package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.Function;
import dev.sparsed.text.internal.jinja.PythonValue.Markup;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The methods of Python's str that templates use, by name. */
final class TextMethods {

  /** A method as code. */
  private interface Method {
    Object call(String text, CallArguments arguments);
  }

  private static final Map<String, Method> METHODS = new HashMap<>();

  /** Methods that Python has and this lacks. */
  private static final Set<String> OTHERS =
      Set.of(
          "encode",
          "expandtabs",
          "format_map",
          "isidentifier",
          "isprintable",
          "istitle",
          "maketrans",
          "translate");

  static {
    METHODS.put("strip", (text, arguments) -> strip(text, true, true, arguments));
    METHODS.put("lstrip", (text, arguments) -> strip(text, true, false, arguments));
    METHODS.put("rstrip", (text, arguments) -> strip(text, false, true, arguments));
    METHODS.put("split", (text, arguments) -> TextParts.split(text, false, arguments));
    METHODS.put("rsplit", (text, arguments) -> TextParts.split(text, true, arguments));
    METHODS.put("splitlines", TextParts::lines);
    METHODS.put("partition", (text, arguments) -> TextParts.partition(text, false, arguments));
    METHODS.put("rpartition", (text, arguments) -> TextParts.partition(text, true, arguments));
    METHODS.put("startswith", (text, arguments) -> TextParts.affix(text, true, arguments));
    METHODS.put("endswith", (text, arguments) -> TextParts.affix(text, false, arguments));
    METHODS.put("removeprefix", (text, arguments) -> TextParts.without(text, true, arguments));
    METHODS.put("removesuffix", (text, arguments) -> TextParts.without(text, false, arguments));
    METHODS.put("find", (text, arguments) -> TextParts.find(text, false, false, arguments));
    METHODS.put("rfind", (text, arguments) -> TextParts.find(text, true, false, arguments));
    METHODS.put("index", (text, arguments) -> TextParts.find(text, false, true, arguments));
    METHODS.put("rindex", (text, arguments) -> TextParts.find(text, true, true, arguments));
    METHODS.put("count", TextParts::count);
    METHODS.put("lower", (text, arguments) -> TextCase.lower(text, none(arguments)));
    METHODS.put("casefold", TextMethods::foldCase);
    METHODS.put("upper", (text, arguments) -> TextCase.upper(text, none(arguments)));
    METHODS.put("title", (text, arguments) -> TextCase.title(text, none(arguments)));
    METHODS.put("capitalize", (text, arguments) -> TextCase.capitalize(text, none(arguments)));
    METHODS.put("swapcase", (text, arguments) -> TextCase.swapCase(text, none(arguments)));
    METHODS.put("replace", TextMethods::replace);
    METHODS.put("join", TextMethods::join);
    METHODS.put("zfill", TextMethods::fillWithZeros);
    METHODS.put("center", TextMethods::center);
    METHODS.put("ljust", (text, arguments) -> justify(text, '<', arguments));
    METHODS.put("rjust", (text, arguments) -> justify(text, '>', arguments));
    METHODS.put("format", BraceFormat::format);
    TextKinds.NAMES.forEach(
        name -> METHODS.put(name, (text, arguments) -> TextKinds.is(name, text, none(arguments))));
  }

  private TextMethods() {}

  static @Nullable Function find(Object value, String name) {
    Method method = METHODS.get(name);
    if (method == null) {
      if (OTHERS.contains(name)) {
        throw PythonMethods.unsupported("str", name);
      }
      return null;
    }
    String text = PythonValue.text(value);
    return value instanceof Markup
        ? arguments -> marked(method.call(text, harmless(name, arguments)), arguments.budget())
        : arguments -> method.call(text, arguments);
  }

  /**
   * What a method of safe text is given: versions of Python's library differ in which arguments
   * they escape, so that only those are taken that stay as they are.
   */
  private static CallArguments harmless(String name, CallArguments arguments) {
    List<Object> given = new ArrayList<>(arguments.positional());
    given.addAll(arguments.named().values());
    for (Object value : given) {
      boolean plain = value instanceof Long || value == PythonValue.NONE;
      if (!plain
          && !(PythonValue.isText(value)
              && !HtmlText.needsEscape(PythonValue.text(value), arguments.budget()))) {
        throw new JinjaException(
            "the method " + name + " of safe text is not supported with these arguments");
      }
    }
    if (name.equals("format")) {
      throw new JinjaException("the method format of safe text is not supported");
    }
    return arguments;
  }

  private static Object marked(Object result, Budget budget) {
    if (result instanceof String text) {
      return new Markup(text);
    } else if (result instanceof PyList list) {
      budget.list(list.items().size());
      budget.values(list.items().size());
      List<Object> marked = new ArrayList<>(list.items().size());
      list.items().forEach(item -> marked.add(marked(item, budget)));
      return new PyList(marked, list.kind());
    }
    return result;
  }

  private static Budget none(CallArguments arguments) {
    arguments.bind();
    return arguments.budget();
  }

  private static Object strip(
      String text, boolean atStart, boolean atEnd, CallArguments arguments) {
    Bound bound = arguments.bind("chars?");
    return bound.isNone("chars")
        ? PythonText.strip(text, atStart, atEnd, arguments.budget())
        : PythonText.strip(text, bound.text("chars"), atStart, atEnd, arguments.budget());
  }

  /** Where case folding does more than lower case, which few letters need, it is refused. */
  private static Object foldCase(String text, CallArguments arguments) {
    String lower = TextCase.lower(text, none(arguments));
    if (lower.chars().anyMatch(c -> c > 0x7E)) {
      throw new JinjaException("casefold is supported for ASCII only");
    }
    return lower;
  }

  private static Object replace(String text, CallArguments arguments) {
    Bound bound = arguments.bind("old", "new", "count?");
    return replaced(
        text, bound.text("old"), bound.text("new"), bound.number("count", -1), arguments.budget());
  }

  static String replaced(String text, String old, String with, long most, Budget budget) {
    TextBuilder out = new TextBuilder(budget);
    int from = 0;
    long done = 0;
    for (int at = 0; most < 0 || done < most; done++) {
      if (!old.isEmpty()) {
        at = TextSearch.first(text, old, from, budget);
      } else if (done > 0) {
        // An empty text is found before every character and at the end.
        at = from < text.length() ? text.offsetByCodePoints(from, 1) : -1;
      }
      if (at < 0) {
        break;
      }
      out.append(text, from, at).append(with);
      from = at + old.length();
    }
    return done == 0 ? text : out.append(text, from, text.length()).toString();
  }

  private static Object join(String separator, CallArguments arguments) {
    Object iterable = arguments.bind("iterable").get("iterable");
    PythonValue.defined(iterable);
    TextBuilder joined = new TextBuilder(arguments.budget());
    String before = "";
    for (Object part : PythonValue.items(iterable, arguments.budget())) {
      joined.append(before).append(PythonValue.text(part));
      before = separator;
    }
    return joined.toString();
  }

  private static Object fillWithZeros(String text, CallArguments arguments) {
    long width = arguments.bind("width").number("width", 0);
    long missing = width - PythonText.length(text, arguments.budget());
    boolean signed = text.startsWith("-") || text.startsWith("+");
    return new TextBuilder(arguments.budget())
        .append(text, 0, signed ? 1 : 0)
        .repeat("0", missing)
        .append(text, signed ? 1 : 0, text.length())
        .toString();
  }

  private static Object justify(String text, char alignment, CallArguments arguments) {
    Bound bound = arguments.bind("width", "fillchar?");
    return Padding.pad(
        text, bound.number("width", 0), alignment, bound.text("fillchar", " "), arguments.budget());
  }

  static Object center(String text, CallArguments arguments) {
    Bound bound = arguments.bind("width?", "fillchar?");
    return Padding.center(
        text, bound.number("width", 80), bound.text("fillchar", " "), arguments.budget());
  }
}
