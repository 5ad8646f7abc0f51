package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Markup;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON as Python's {@code json.dumps} does, down to its blanks. */
final class PythonJson {

  /**
   * How to write.
   *
   * @param ascii whether other characters than ASCII are escaped
   * @param indent what a level is indented by, null for everything in one line
   * @param itemSeparator what stands between items
   * @param keySeparator what stands between a key and its value
   * @param sortKeys whether keys are sorted
   */
  record Style(
      boolean ascii,
      @Nullable String indent,
      String itemSeparator,
      String keySeparator,
      boolean sortKeys) {}

  private final Style style;
  private final TextBuilder out;
  private final Budget budget;

  private PythonJson(Style style, Budget budget) {
    this.style = style;
    this.budget = budget;
    out = new TextBuilder(budget);
  }

  static String write(Object value, Style style, Budget budget) {
    PythonJson json = new PythonJson(style, budget);
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(Object value, int level) {
    budget.enter();
    if (value == PythonValue.NONE) {
      out.append("null");
    } else if (value instanceof Boolean || value instanceof Long) {
      out.append(value.toString());
    } else if (value instanceof Double number) {
      out.append(number(PythonFloat.str(number, budget)));
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Markup markup) {
      string(markup.text());
    } else if (value instanceof PyList list
        && (list.kind() == PythonValue.Kind.LIST || list.kind().isTuple())) {
      list(list.items(), level);
    } else if (value instanceof Map<?, ?> map) {
      map(map, level);
    } else {
      PythonValue.defined(value);
      throw new JinjaException(
          "a value of type " + PythonValue.type(value) + " cannot be written as JSON");
    }
    budget.leave();
  }

  private static String number(String text) {
    return switch (text) {
      case "nan" -> "NaN";
      case "inf" -> "Infinity";
      case "-inf" -> "-Infinity";
      default -> text;
    };
  }

  private void list(List<Object> items, int level) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append("[");
    String separator = "";
    for (Object item : items) {
      out.append(separator);
      newLine(level + 1);
      write(item, level + 1);
      separator = style.itemSeparator();
    }
    newLine(level);
    out.append("]");
  }

  private void map(Map<?, ?> map, int level) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append("{");
    String separator = "";
    for (Object key : style.sortKeys() ? sorted(map) : map.keySet()) {
      out.append(separator);
      newLine(level + 1);
      string(key == PythonValue.NONE ? "null" : key.toString());
      out.append(style.keySeparator());
      Object value = map.get(key);
      write(value == null ? PythonValue.NONE : value, level + 1);
      separator = style.itemSeparator();
    }
    newLine(level);
    out.append("}");
  }

  private List<Object> sorted(Map<?, ?> map) {
    List<Object> keys = Lists.copy(map.keySet(), budget);
    keys.sort((left, right) -> PythonComparison.compare(left, right, budget));
    return keys;
  }

  private void newLine(int level) {
    if (style.indent() != null) {
      out.append("\n").repeat(style.indent(), level);
    }
  }

  private void string(String text) {
    budget.read(4L * text.length());
    out.append("\"");
    int start = 0; // of what is not yet written and needs no escape
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c == '"' || c == '\\' || (style.ascii() && c > 0x7E)) {
        out.append(text, start, i).append(escape(c));
        start = i + 1;
      }
    }
    out.append(text, start, text.length()).append("\"");
  }

  private static String escape(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      default -> String.format(Locale.ROOT, "\\u%04x", (int) c);
    };
  }
}
