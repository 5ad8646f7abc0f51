package dev.sparsed.text.internal.jinja;

/** A text in quotes at a place of a template, read by Python's rules. */
final class StringLiteral {

  private final SourceText source;
  private final String text;
  private final StringBuilder value = new StringBuilder();
  private int position;

  StringLiteral(SourceText source) {
    this.source = source;
    text = source.text();
    position = source.position();
  }

  /** The text's value; the source is moved behind it. */
  String value() {
    char quote = text.charAt(position++);
    while (true) {
      if (position >= text.length()) {
        throw source.wrong("a string is not closed");
      }
      char c = text.charAt(position++);
      if (c == quote) {
        source.moveTo(position);
        return value.toString();
      }
      if (c == '\\' && position < text.length()) {
        escape();
      } else {
        value.append(c);
      }
    }
  }

  /** Python's escapes; one that Python does not know stands for itself, backslash included. */
  private void escape() {
    char c = text.charAt(position++);
    switch (c) {
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'a' -> value.append('\u0007');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'v' -> value.append('\u000B');
      case '\\', '\'', '"' -> value.append(c);
      case '\n' -> {}
      case 'x' -> value.appendCodePoint(hex(2));
      case 'u' -> value.appendCodePoint(hex(4));
      case 'U' -> value.appendCodePoint(hex(8));
      case 'N' -> throw source.wrong("\\N{...} is not supported");
      default -> {
        if (c >= '0' && c <= '7') {
          value.appendCodePoint(octal(c - '0'));
        } else {
          value.append('\\').append(c);
        }
      }
    }
  }

  private int octal(int first) {
    int code = first;
    for (int i = 0; i < 2 && position < text.length(); i++) {
      char digit = text.charAt(position);
      if (digit < '0' || digit > '7') {
        break;
      }
      code = code * 8 + (digit - '0');
      position++;
    }
    return code;
  }

  private int hex(int digits) {
    int code = -1;
    if (position + digits <= text.length()) {
      String number = text.substring(position, position + digits);
      if (number.chars().allMatch(c -> c < 128 && Character.digit(c, 16) >= 0)) {
        long wide = Long.parseLong(number, 16);
        code = wide <= Character.MAX_CODE_POINT ? (int) wide : -1;
      }
    }
    if (code < 0) {
      throw source.wrong("an escape lacks " + digits + " hexadecimal digits of a code point");
    }
    position += digits;
    return code;
  }
}
