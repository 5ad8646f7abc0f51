package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Kind;
import dev.sparsed.text.internal.jinja.PythonValue.Markup;
import dev.sparsed.text.internal.jinja.PythonValue.Namespace;
import dev.sparsed.text.internal.jinja.PythonValue.PyList;
import dev.sparsed.text.internal.jinja.PythonValue.Undefined;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values as text, by Python's rules. */
final class PythonPrinting {

  private PythonPrinting() {}

  /** Python's {@code str}. */
  static String str(Object value, Budget budget) {
    if (value instanceof String text) {
      return text;
    } else if (value instanceof Markup markup) {
      return markup.text();
    } else if (value instanceof Undefined) {
      return "";
    } else if (value instanceof Long) {
      budget.text(20);
      return value.toString();
    }
    return repr(value, budget);
  }

  /** Python's {@code repr}. */
  static String repr(Object value, Budget budget) {
    TextBuilder out = new TextBuilder(budget);
    repr(value, out);
    return out.toString();
  }

  private static void repr(Object value, TextBuilder out) {
    out.budget().enter();
    if (value instanceof String text) {
      literal(text, out);
    } else if (value instanceof Boolean flag) {
      out.append(flag ? "True" : "False");
    } else if (value instanceof Double number) {
      out.append(PythonFloat.str(number, out.budget()));
    } else if (value instanceof Long || value == PythonValue.NONE) {
      out.append(value.toString());
    } else if (value instanceof PyList list) {
      list(list, out);
    } else if (value instanceof Map<?, ?> map) {
      map(map, out);
    } else if (value instanceof Markup markup) {
      out.append("Markup(");
      literal(markup.text(), out);
      out.append(")");
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof Namespace namespace) {
      out.append("<Namespace ");
      map(namespace.attributes, out);
      out.append(">");
    } else {
      throw new JinjaException("a value of type " + PythonValue.type(value) + " cannot be printed");
    }
    out.budget().leave();
  }

  private static void list(PyList list, TextBuilder out) {
    Kind kind = list.kind();
    if (list.items() instanceof Lists.Range range) {
      out.append("range(" + range.start + ", " + range.stop);
      out.append(range.step == 1 ? ")" : ", " + range.step + ")");
    } else if (kind.isTuple()) {
      items(list.items(), "(", list.items().size() == 1 ? ",)" : ")", out);
    } else if (kind.isView()) {
      items(list.items(), kind.type + "([", "])", out);
    } else {
      items(list.items(), "[", "]", out);
    }
  }

  private static void items(List<Object> items, String open, String close, TextBuilder out) {
    out.append(open);
    String separator = "";
    for (Object item : items) {
      out.append(separator);
      repr(item, out);
      separator = ", ";
    }
    out.append(close);
  }

  private static void map(Map<?, ?> map, TextBuilder out) {
    out.append("{");
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      repr(entry.getKey(), out);
      out.append(": ");
      repr(entry.getValue(), out);
      separator = ", ";
    }
    out.append("}");
  }

  /** The text as a Python literal. */
  private static void literal(String text, TextBuilder out) {
    out.budget().read(8L * text.length());
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    int start = 0; // of what is not yet written and needs no escape
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (c == quote || c == '\\' || !isPrintable(c)) {
        out.append(text, start, i).append(escape(c));
        start = next;
      }
      i = next;
    }
    out.append(text, start, text.length()).append(quote);
  }

  private static String escape(int c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\\', '\'', '"' -> "\\" + (char) c;
      default ->
          String.format(
              Locale.ROOT, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    };
  }

  private static boolean isPrintable(int c) {
    return c == ' '
        || switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SPACE_SEPARATOR ->
              false;
          default -> true;
        };
  }
}
