package dev.sparsed.text.jinja;

import java.util.Locale;

/**
 * Text of untrusted files, made fit for a line of a message: what moves the cursor, starts a line
 * or turns the direction of writing is spelled out, and what is absurdly long is cut off.
 */
public final class Printable {

  private static final int LONGEST = 1000;

  private Printable() {}

  /**
   * A text for a message.
   *
   * @param text any text
   * @return the text in one line of at most about a thousand characters
   */
  public static String line(String text) {
    StringBuilder line = new StringBuilder();
    int i = 0;
    while (i < text.length() && line.length() < LONGEST) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (isPlain(c)) {
            line.appendCodePoint(c);
          } else {
            line.append(String.format(Locale.ROOT, c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
          }
        }
      }
    }
    return line.append(i < text.length() ? "..." : "").toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
