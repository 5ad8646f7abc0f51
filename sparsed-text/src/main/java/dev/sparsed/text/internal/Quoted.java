package dev.sparsed.text.internal;

/**
 * Text from outside, made fit for a message: nothing in it can reach a terminal as a control
 * sequence, forge a line of its own or end the quotation early.
 */
public final class Quoted {

  private static final int MAX_LENGTH = 200;
  private static final int MAX_LINE = 1000;

  private Quoted() {}

  /**
   * Quotes a text.
   *
   * @param text any text, for instance a name in an untrusted file
   * @return the text in double quotes; quotes and backslashes are escaped by a backslash, control
   *     and format characters, line ends, halves of surrogate pairs and code points without a
   *     meaning as four or six hexadecimal digits; what follows the first 200 characters is left
   *     out and shown as three dots behind the quotes
   */
  public static String of(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    int position = 0;
    while (position < text.length() && position < MAX_LENGTH) {
      int c = text.codePointAt(position);
      position += Character.charCount(c);
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append((char) c);
        default -> escape(c, quoted);
      }
    }
    return quoted.append(position < text.length() ? "\"..." : "\"").toString();
  }

  /**
   * A text that is a message itself, for instance what a chat template raises, in one line.
   *
   * @param text any text
   * @return the text without quotes around it; what {@link #of} escapes is escaped, quotes and
   *     backslashes excepted; what follows the first 1000 characters is shown as three dots
   */
  public static String line(String text) {
    StringBuilder line = new StringBuilder();
    int position = 0;
    while (position < text.length() && position < MAX_LINE) {
      int c = text.codePointAt(position);
      position += Character.charCount(c);
      escape(c, line);
    }
    return line.append(position < text.length() ? "..." : "").toString();
  }

  private static void escape(int c, StringBuilder out) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (isPlain(c)) {
          out.appendCodePoint(c);
        } else {
          out.append(Character.isBmpCodePoint(c) ? "\\u" : "\\U");
          String digits = Integer.toHexString(c);
          out.append("0".repeat((Character.isBmpCodePoint(c) ? 4 : 6) - digits.length()));
          out.append(digits);
        }
      }
    }
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
