package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.CallArguments.Bound;
import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.Markup;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.List;
import java.util.function.BiFunction;

/** Jinja2's filters that make text, and {@code tojson} as Hugging Face defines it. */
final class TextFilters {

  private static final String WORD_BREAKS = "-({[<";

  private TextFilters() {}

  /** Applies a function of texts to a value; what is marked as safe stays so. */
  private static Object text(
      Object value, CallArguments arguments, BiFunction<String, Budget, String> function) {
    arguments.bind();
    Budget budget = arguments.budget();
    return HtmlText.like(value, function.apply(PythonPrinting.str(value, budget), budget));
  }

  static Object lower(Object value, CallArguments arguments) {
    return text(value, arguments, TextCase::lower);
  }

  static Object upper(Object value, CallArguments arguments) {
    return text(value, arguments, TextCase::upper);
  }

  static Object capitalize(Object value, CallArguments arguments) {
    return text(value, arguments, TextCase::capitalize);
  }

  static Object title(Object value, CallArguments arguments) {
    return text(value, arguments, TextFilters::title);
  }

  static Object string(Object value, CallArguments arguments) {
    return text(value, arguments, (text, budget) -> text);
  }

  static Object trim(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("chars?");
    Budget budget = arguments.budget();
    String text = PythonPrinting.str(value, budget);
    return HtmlText.like(
        value,
        bound.isNone("chars")
            ? PythonText.strip(text, true, true, budget)
            : PythonText.strip(text, bound.text("chars"), true, true, budget));
  }

  /** Capitals at the start of what blanks, hyphens and opening brackets divide, nowhere else. */
  private static String title(String text, Budget budget) {
    budget.read(8L * text.length());
    TextBuilder title = new TextBuilder(budget);
    int start = 0;
    while (start < text.length()) {
      boolean breaks = isWordBreak(text.codePointAt(start));
      int first = text.offsetByCodePoints(start, 1);
      int end = first;
      while (end < text.length() && isWordBreak(text.codePointAt(end)) == breaks) {
        end = text.offsetByCodePoints(end, 1);
      }
      title.append(TextCase.upper(text.substring(start, first), budget));
      title.append(TextCase.lower(text.substring(first, end), budget));
      start = end;
    }
    return title.toString();
  }

  private static boolean isWordBreak(int c) {
    return PythonText.isSpace(c) || WORD_BREAKS.indexOf(c) >= 0;
  }

  static Object replace(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("old", "new", "count?");
    Budget budget = arguments.budget();
    return TextMethods.replaced(
        PythonPrinting.str(value, budget),
        PythonPrinting.str(bound.get("old"), budget),
        PythonPrinting.str(bound.get("new"), budget),
        bound.isNone("count") ? -1 : bound.number("count", -1),
        budget);
  }

  static Object join(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("d?", "attribute?");
    Budget budget = arguments.budget();
    String separator = PythonPrinting.str(bound.get("d", ""), budget);
    TextBuilder joined = new TextBuilder(budget);
    String before = "";
    for (Object item : PythonValue.items(value, budget)) {
      Object part =
          bound.isNone("attribute")
              ? item
              : Members.path(item, bound.get("attribute"), PythonValue.NONE, budget);
      joined.append(before).append(PythonPrinting.str(part, budget));
      before = separator;
    }
    return joined.toString();
  }

  static Object indent(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("width?", "first?", "blank?");
    Budget budget = arguments.budget();
    String text = PythonValue.text(value);
    String indention = indention(bound.get("width", 4L), budget);
    boolean blank = bound.flag("blank", false);
    budget.text(text.length() + 1L);
    // As Jinja2 does, so that a last line end counts.
    List<Object> lines = PythonText.lines(text.concat("\n"), false, budget);
    TextBuilder out = new TextBuilder(budget);
    out.append(bound.flag("first", false) ? indention : "").append((String) lines.get(0));
    for (Object line : lines.subList(1, lines.size())) {
      out.append("\n").append(blank || !((String) line).isEmpty() ? indention : "");
      out.append((String) line);
    }
    return HtmlText.like(value, out.toString());
  }

  /** What stands before a line: a text, or so many blanks. */
  private static String indention(Object width, Budget budget) {
    return PythonValue.isText(width)
        ? PythonValue.text(width)
        : new TextBuilder(budget).repeat(" ", PythonValue.toLong(width)).toString();
  }

  static Object center(Object value, CallArguments arguments) {
    Budget budget = arguments.budget();
    long width = arguments.bind("width?").number("width", 80);
    return HtmlText.like(
        value, Padding.center(PythonPrinting.str(value, budget), width, " ", budget));
  }

  /** {@code '%s' | format(value)}. */
  static Object format(Object value, CallArguments arguments) {
    boolean byName = !arguments.named().isEmpty();
    if (byName && !arguments.positional().isEmpty()) {
      throw arguments.wrong("takes values by place or by name, not both");
    }
    Object values = byName ? arguments.named() : new PyList(arguments.positional(), Kind.TUPLE);
    Object text = value instanceof Markup ? value : PythonPrinting.str(value, arguments.budget());
    return Printf.format(text, values, arguments.budget());
  }

  static Object safe(Object value, CallArguments arguments) {
    arguments.bind();
    return new Markup(PythonPrinting.str(value, arguments.budget()));
  }

  static Object escape(Object value, CallArguments arguments) {
    arguments.bind();
    return HtmlText.escaped(value, arguments.budget());
  }

  static Object forceEscape(Object value, CallArguments arguments) {
    arguments.bind();
    Budget budget = arguments.budget();
    return new Markup(HtmlText.escape(PythonPrinting.str(value, budget), budget));
  }

  static Object json(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("ensure_ascii?", "indent?", "separators?", "sort_keys?");
    Budget budget = arguments.budget();
    String indent = bound.isNone("indent") ? null : indention(bound.get("indent"), budget);
    String itemSeparator = indent == null ? ", " : ",";
    String keySeparator = ": ";
    if (!bound.isNone("separators")) {
      List<Object> separators = PythonValue.items(bound.get("separators"), budget);
      if (separators.size() != 2) {
        throw new JinjaException("tojson takes two separators");
      }
      itemSeparator = PythonValue.text(separators.get(0));
      keySeparator = PythonValue.text(separators.get(1));
    }
    return PythonJson.write(
        value,
        new PythonJson.Style(
            bound.flag("ensure_ascii", false),
            indent,
            itemSeparator,
            keySeparator,
            bound.flag("sort_keys", false)),
        budget);
  }
}
