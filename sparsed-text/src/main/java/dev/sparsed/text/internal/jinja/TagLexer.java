package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Cuts what stands inside of a tag into names, literals and operators. */
final class TagLexer {

  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final SourceText source;
  private final Deque<Character> open = new ArrayDeque<>();
  private final Map<String, String> names = new HashMap<>();
  private char closing;
  private boolean afterDot;

  TagLexer(SourceText source) {
    this.source = source;
  }

  /** A tag begins, that ends with this character and a brace. */
  void begin(char closing) {
    this.closing = closing;
    open.clear();
    afterDot = false;
  }

  Token next() {
    source.skipSpace();
    if (source.isAtEnd()) {
      throw source.wrong("a tag is not closed");
    }
    int line = source.line();
    if (open.isEmpty() && isEnd()) {
      return new Token(closing == '%' ? Kind.BLOCK_END : Kind.VARIABLE_END, closing + "}", line);
    }
    int c = source.peek();
    Token token;
    if (c == '\'' || c == '"') {
      token = new Token(Kind.STRING, new StringLiteral(source).value(), line);
    } else if (isDigit(c)) {
      token = number(line);
    } else if (Character.isUnicodeIdentifierStart(c) || c == '_') {
      token = name(line);
    } else {
      token = operator(line);
    }
    afterDot = token.is(Kind.OPERATOR, ".");
    return token;
  }

  /** Steps over the end of a tag and the white space that it takes along. */
  private boolean isEnd() {
    String plain = closing + "}";
    int position = source.position();
    if (source.startsWith("-" + plain)) {
      source.moveTo(position + 3);
      source.skipSpace();
    } else if (closing == '%' && source.startsWith("+" + plain)) {
      source.moveTo(position + 3);
    } else if (source.startsWith(plain)) {
      source.moveTo(position + 2);
      if (closing == '%') {
        source.skipNewline();
      }
    } else {
      return false;
    }
    return true;
  }

  private Token name(int line) {
    int start = source.position();
    while (!source.isAtEnd() && isNamePart(source.peek())) {
      source.moveTo(source.position() + Character.charCount(source.peek()));
    }
    String name = source.text().substring(start, source.position());
    String known = names.putIfAbsent(name, name);
    return new Token(Kind.NAME, known == null ? name : known, line);
  }

  private static boolean isNamePart(int c) {
    return Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
  }

  private Token operator(int line) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator)) {
        bracket(operator.charAt(0));
        source.moveTo(source.position() + operator.length());
        return new Token(Kind.OPERATOR, operator, line);
      }
    }
    throw source.wrong("unexpected " + Character.toString(source.peek()));
  }

  private void bracket(char c) {
    int kind = "([{".indexOf(c);
    if (kind >= 0) {
      open.push(")]}".charAt(kind));
    } else if ((c == ')' || c == ']' || c == '}') && (open.isEmpty() || open.pop() != c)) {
      throw source.wrong("unexpected " + c);
    }
  }

  private Token number(int line) {
    int start = source.position();
    int radix = radix();
    Kind kind = Kind.INTEGER;
    if (radix == 10) {
      digits(10);
      int whole = source.position();
      if (!afterDot && source.startsWith(".") && isDigit(at(whole + 1))) {
        source.moveTo(whole + 1);
        digits(10);
        kind = Kind.FLOAT;
      }
      if (!afterDot && exponent()) {
        kind = Kind.FLOAT;
      }
    } else {
      source.moveTo(start + 2);
      digits(radix);
    }
    String text = source.text().substring(start, source.position()).replace("_", "");
    if (radix != 10) {
      text = decimal(text.substring(2), radix);
    } else if (kind == Kind.INTEGER && text.charAt(0) == '0' && !text.matches("0+")) {
      throw source.wrong("the number " + text + " starts with 0");
    }
    return new Token(kind, text, line);
  }

  private String decimal(String digits, int radix) {
    try {
      return Long.toString(Long.parseLong(digits, radix));
    } catch (NumberFormatException e) {
      throw source.wrong("the number " + digits + " is too large");
    }
  }

  private int radix() {
    if (at(source.position()) != '0') {
      return 10;
    }
    int radix =
        switch (at(source.position() + 1)) {
          case 'x', 'X' -> 16;
          case 'o', 'O' -> 8;
          case 'b', 'B' -> 2;
          default -> 10;
        };
    return Character.digit(at(source.position() + 2), radix) < 0 ? 10 : radix;
  }

  /** Steps over digits, with single underscores between them. */
  private void digits(int radix) {
    int at = source.position();
    while (at(at) < 128 && Character.digit(at(at), radix) >= 0) {
      at++;
      if (at(at) == '_' && at(at + 1) < 128 && Character.digit(at(at + 1), radix) >= 0) {
        at++;
      }
    }
    source.moveTo(at);
  }

  private boolean exponent() {
    int at = source.position();
    if (at(at) != 'e' && at(at) != 'E') {
      return false;
    }
    int digits = at(at + 1) == '+' || at(at + 1) == '-' ? at + 2 : at + 1;
    if (!isDigit(at(digits))) {
      return false;
    }
    source.moveTo(digits);
    digits(10);
    return true;
  }

  private char at(int place) {
    return place < source.text().length() ? source.text().charAt(place) : ' ';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
