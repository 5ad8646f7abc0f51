package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.PythonValue.Markup;

/** Text that is marked as safe for HTML, and how other text becomes so. */
final class HtmlText {

  private HtmlText() {}

  /** The value as safe text: as it is where it is marked, otherwise with HTML's signs escaped. */
  static Markup escaped(Object value, Budget budget) {
    return value instanceof Markup markup
        ? markup
        : new Markup(escape(PythonPrinting.str(value, budget), budget));
  }

  /** A text that was made from another one is marked as that one is. */
  static Object like(Object original, String text) {
    return original instanceof Markup ? new Markup(text) : text;
  }

  /** Whether escaping would change the text. */
  static boolean needsEscape(String text, Budget budget) {
    budget.read(4L * text.length());
    return text.chars().anyMatch(c -> "&<>'\"".indexOf(c) >= 0);
  }

  static String escape(String text, Budget budget) {
    budget.read(4L * text.length());
    TextBuilder escaped = new TextBuilder(budget);
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      String escape =
          switch (text.charAt(i)) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '\'' -> "&#39;";
            case '"' -> "&#34;";
            default -> "";
          };
      if (!escape.isEmpty()) {
        escaped.append(text, start, i).append(escape);
        start = i + 1;
      }
    }
    return escaped.append(text, start, text.length()).toString();
  }
}
