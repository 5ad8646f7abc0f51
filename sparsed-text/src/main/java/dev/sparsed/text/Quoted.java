package dev.sparsed.text;

/**
 * Text from outside, made fit for a message: nothing in it can reach a terminal as a control
 * sequence, forge a line of its own or end the quotation early.
 */
public final class Quoted {

  private static final int MAX_LENGTH = 200;

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
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (isPlain(c)) {
            quoted.appendCodePoint(c);
          } else {
            quoted.append(Character.isBmpCodePoint(c) ? "\\u" : "\\U");
            String digits = Integer.toHexString(c);
            quoted.append("0".repeat((Character.isBmpCodePoint(c) ? 4 : 6) - digits.length()));
            quoted.append(digits);
          }
        }
      }
    }
    return quoted.append(position < text.length() ? "\"..." : "\"").toString();
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
