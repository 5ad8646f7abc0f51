package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.PythonValue.PyList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes JSON as Python's {@code json.dumps} does, down to its blanks.
 *
 * @param ascii whether other characters than ASCII are escaped
 * @param indent blanks per level, negative for everything in one line
 * @param itemSeparator what stands between items
 * @param keySeparator what stands between a key and its value
 * @param sortKeys whether keys are sorted
 */
record PythonJson(
    boolean ascii, int indent, String itemSeparator, String keySeparator, boolean sortKeys) {

  String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, 0, out);
    return out.toString();
  }

  private void write(Object value, int level, StringBuilder out) {
    if (out.length() > Budget.MAX_TEXT) {
      throw Budget.tooLong();
    }
    if (value == PythonValue.NONE) {
      out.append("null");
    } else if (value instanceof Boolean || value instanceof Long) {
      out.append(value);
    } else if (value instanceof Double number) {
      String text = PythonPrinting.str(number.doubleValue());
      out.append(
          switch (text) {
            case "nan" -> "NaN";
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            default -> text;
          });
    } else if (value instanceof String text) {
      string(text, out);
    } else if (value instanceof PyList list) {
      list(list.items(), level, out);
    } else if (value instanceof Map<?, ?> map) {
      map(map, level, out);
    } else {
      PythonValue.defined(value);
      throw new JinjaException(
          "a value of type " + PythonValue.type(value) + " cannot be written as JSON");
    }
  }

  private void list(List<Object> items, int level, StringBuilder out) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    String separator = "";
    for (Object item : items) {
      out.append(separator);
      newLine(level + 1, out);
      write(item, level + 1, out);
      separator = itemSeparator;
    }
    newLine(level, out);
    out.append(']');
  }

  private void map(Map<?, ?> map, int level, StringBuilder out) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    Map<?, ?> entries = map;
    if (sortKeys) {
      TreeMap<String, Object> sorted = new TreeMap<>(PythonText::compare);
      map.forEach((key, value) -> sorted.put((String) key, value));
      entries = sorted;
    }
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      out.append(separator);
      newLine(level + 1, out);
      string((String) entry.getKey(), out);
      out.append(keySeparator);
      write(entry.getValue(), level + 1, out);
      separator = itemSeparator;
    }
    newLine(level, out);
    out.append('}');
  }

  private void newLine(int level, StringBuilder out) {
    if (indent >= 0) {
      out.append('\n').append(" ".repeat(indent * level));
    }
  }

  private void string(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7E)) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
