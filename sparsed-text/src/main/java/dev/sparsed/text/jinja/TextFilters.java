package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.CallArguments.Bound;
import dev.sparsed.text.jinja.PythonValue.PyList;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Jinja2's filters that make text, and {@code tojson} as Hugging Face defines it. */
final class TextFilters {

  private static final Pattern WORD_BREAKS = Pattern.compile("(?<=[-\\s({\\[<])|(?=[-\\s({\\[<])");

  private TextFilters() {}

  static Object trim(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("chars?");
    String text = PythonPrinting.str(value);
    return bound.get("chars") == PythonValue.NONE
        ? PythonText.strip(text)
        : PythonText.strip(text, bound.text("chars"));
  }

  static String title(String text) {
    StringBuilder title = new StringBuilder(text.length());
    for (String word : WORD_BREAKS.split(text, -1)) {
      int first = word.isEmpty() ? 0 : word.offsetByCodePoints(0, 1);
      title.append(PythonText.upper(word.substring(0, first)));
      title.append(PythonText.lower(word.substring(first)));
    }
    return title.toString();
  }

  static Object replace(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("old", "new", "count?");
    Object count = bound.get("count");
    return TextMethods.replace(
        PythonPrinting.str(value),
        PythonPrinting.str(bound.get("old")),
        PythonPrinting.str(bound.get("new")),
        count == PythonValue.NONE ? -1 : PythonValue.toLong(count),
        arguments.budget());
  }

  static Object join(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("d?", "attribute?");
    List<Object> items = PythonValue.items(value);
    List<Object> parts = new ArrayList<>(items.size());
    for (Object item : items) {
      Object part = bound.has("attribute") ? Members.path(item, bound.get("attribute")) : item;
      parts.add(PythonPrinting.str(part));
    }
    return TextMethods.join(PythonPrinting.str(bound.get("d", "")), parts, arguments.budget());
  }

  static Object indent(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("width?", "first?", "blank?");
    Object width = bound.get("width", 4L);
    String indention =
        width instanceof String text
            ? text
            : " ".repeat((int) Math.max(0, Math.min(1000, PythonValue.toLong(width))));
    boolean blank = bound.flag("blank", false);
    String text = PythonPrinting.str(value) + "\n"; // as Jinja2 does, so that a last \n counts
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

  static Object json(Object value, CallArguments arguments) {
    Bound bound = arguments.bind("ensure_ascii?", "indent?", "separators?", "sort_keys?");
    Object indent = bound.get("indent");
    int width = indent == PythonValue.NONE ? -1 : (int) PythonValue.toLong(indent);
    if (width < -1 || width > 16) {
      throw new JinjaException("tojson is supported for an indent from 0 to 16");
    }
    String itemSeparator = width < 0 ? ", " : ",";
    String keySeparator = ": ";
    if (bound.get("separators") instanceof PyList separators) {
      itemSeparator = PythonValue.toText(SequenceFilters.end(separators, true));
      keySeparator = PythonValue.toText(SequenceFilters.end(separators, false));
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
