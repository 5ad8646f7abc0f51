package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens as Jinja2 does with {@code trim_blocks} and {@code lstrip_blocks} on,
 * the way Hugging Face sets it up.
 */
final class Lexer {

  private static final Pattern NUMBER =
      Pattern.compile(
          "(?:[0-9]+_)*[0-9]+(?:(?:\\.(?:[0-9]+_)*[0-9]+)?[eE][+-]?[0-9]+|\\.(?:[0-9]+_)*[0-9]+)?");
  private static final Pattern RAW_BEGIN =
      Pattern.compile("\\{%([-+]?)\\s*raw\\s*(?:-%\\}\\s*|%\\})");
  private static final Pattern RAW_END =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private boolean lineStarting = true;
  private int line = 1;
  private int counted;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String source) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    if (text.endsWith("\n")) {
      text = text.substring(0, text.length() - 1);
    }
    Lexer lexer = new Lexer(text);
    lexer.template();
    return lexer.tokens;
  }

  private void template() {
    while (position < source.length()) {
      int begin = nextTag();
      if (begin < 0) {
        data(source.substring(position));
        position = source.length();
        break;
      }
      char kind = source.charAt(begin + 1);
      char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      boolean signed = sign == '-' || sign == '+';
      data(before(source.substring(position, begin), sign, kind != '{'));
      position = begin;
      Matcher raw = RAW_BEGIN.matcher(source).region(begin, source.length());
      if (kind == '%' && raw.lookingAt()) {
        position = raw.end();
        raw();
      } else {
        position = begin + (signed ? 3 : 2);
        switch (kind) {
          case '#' -> comment();
          case '{' -> {
            add(Kind.VARIABLE_BEGIN, "{{");
            expression('}');
          }
          default -> {
            add(Kind.BLOCK_BEGIN, "{%");
            expression('%');
          }
        }
      }
      lineStarting = position > 0 && source.charAt(position - 1) == '\n';
    }
    add(Kind.END, "the end of the template");
  }

  private int nextTag() {
    for (int i = source.indexOf('{', position); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** The text before a tag, after the tag's wishes about white space. */
  private String before(String text, char sign, boolean stripsLine) {
    if (sign == '-') {
      return PythonText.stripEnd(text);
    }
    if (sign != '+' && stripsLine) {
      int start = text.lastIndexOf('\n') + 1;
      if ((start > 0 || lineStarting) && PythonText.isSpace(text.substring(start))) {
        return text.substring(0, start);
      }
    }
    return text;
  }

  private void raw() {
    Matcher end = RAW_END.matcher(source);
    if (!end.find(position)) {
      throw wrong("{% raw %} is not closed");
    }
    lineStarting = false;
    String sign = end.group(1);
    data(
        before(
            source.substring(position, end.start()), sign.isEmpty() ? ' ' : sign.charAt(0), true));
    position = end.end();
  }

  private void comment() {
    int end = source.indexOf("#}", position);
    if (end < 0) {
      throw wrong("a comment is not closed");
    }
    char sign = end > position ? source.charAt(end - 1) : ' ';
    position = end + 2;
    if (sign == '-') {
      skipSpace();
    } else if (sign != '+') {
      skipNewline();
    }
  }

  private void expression(char closing) {
    Deque<Character> open = new ArrayDeque<>();
    Kind endKind = closing == '%' ? Kind.BLOCK_END : Kind.VARIABLE_END;
    while (true) {
      skipSpace();
      if (position >= source.length()) {
        throw wrong("a tag is not closed");
      }
      if (open.isEmpty() && end(closing)) {
        add(endKind, closing + "}");
        return;
      }
      char c = source.charAt(position);
      if (c == '\'' || c == '"') {
        string(c);
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (Character.isJavaIdentifierStart(c) && c != '$') {
        int start = position;
        while (position < source.length()
            && source.charAt(position) != '$'
            && Character.isJavaIdentifierPart(source.charAt(position))) {
          position++;
        }
        add(Kind.NAME, source.substring(start, position));
      } else {
        operator(open);
      }
    }
  }

  /** Steps over the end of a tag and the white space that it takes along. */
  private boolean end(char closing) {
    String plain = closing + "}";
    if (source.startsWith("-" + plain, position)) {
      position += 3;
      skipSpace();
      return true;
    }
    if (closing == '%' && source.startsWith("+" + plain, position)) {
      position += 3;
      return true;
    }
    if (source.startsWith(plain, position)) {
      position += 2;
      if (closing == '%') {
        skipNewline();
      }
      return true;
    }
    return false;
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, position)) {
        char c = operator.charAt(0);
        int bracket = "([{".indexOf(c);
        if (bracket >= 0) {
          open.push(")]}".charAt(bracket));
        } else if (c == ')' || c == ']' || c == '}') {
          if (open.isEmpty() || open.pop() != c) {
            throw wrong("unexpected " + c);
          }
        }
        add(Kind.OPERATOR, operator);
        position += operator.length();
        return;
      }
    }
    throw wrong("unexpected " + new StringBuilder().appendCodePoint(source.codePointAt(position)));
  }

  private void number() {
    Matcher number = NUMBER.matcher(source).region(position, source.length());
    if (!number.lookingAt()) {
      throw wrong("a number cannot be read");
    }
    String text = number.group().replace("_", "");
    boolean isFloat = text.indexOf('.') >= 0 || text.indexOf('e') >= 0 || text.indexOf('E') >= 0;
    if (text.length() > 1 && text.charAt(0) == '0' && !isFloat) {
      throw wrong("the number " + text + " starts with 0");
    }
    position = number.end();
    if (position < source.length() && Character.isJavaIdentifierPart(source.charAt(position))) {
      throw wrong("a number runs into a name");
    }
    add(isFloat ? Kind.FLOAT : Kind.INTEGER, text);
  }

  private void string(char quote) {
    StringBuilder value = new StringBuilder();
    int start = position++;
    while (true) {
      if (position >= source.length()) {
        position = start;
        throw wrong("a string is not closed");
      }
      char c = source.charAt(position++);
      if (c == quote) {
        add(Kind.STRING, value.toString());
        return;
      }
      if (c == '\\' && position < source.length()) {
        escape(value);
      } else {
        value.append(c);
      }
    }
  }

  /** Python's escapes; one that Python does not know stands for itself, backslash included. */
  private void escape(StringBuilder value) {
    char c = source.charAt(position++);
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
      case 'N' -> throw wrong("\\N{...} is not supported");
      default -> {
        if (c >= '0' && c <= '7') {
          int code = c - '0';
          for (int i = 0; i < 2 && position < source.length(); i++) {
            char digit = source.charAt(position);
            if (digit < '0' || digit > '7') {
              break;
            }
            code = code * 8 + (digit - '0');
            position++;
          }
          value.appendCodePoint(code);
        } else {
          value.append('\\').append(c);
        }
      }
    }
  }

  private int hex(int digits) {
    int code = -1;
    if (position + digits <= source.length()) {
      String text = source.substring(position, position + digits);
      if (text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
        long wide = Long.parseLong(text, 16);
        code = wide <= Character.MAX_CODE_POINT ? (int) wide : -1;
      }
    }
    if (code < 0) {
      throw wrong("an escape lacks " + digits + " hexadecimal digits of a code point");
    }
    position += digits;
    return code;
  }

  private void skipSpace() {
    while (position < source.length() && PythonText.isSpace(source.charAt(position))) {
      position++;
    }
  }

  private void skipNewline() {
    if (position < source.length() && source.charAt(position) == '\n') {
      position++;
    }
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add(Kind.DATA, text);
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line()));
  }

  private int line() {
    for (; counted < position && counted < source.length(); counted++) {
      if (source.charAt(counted) == '\n') {
        line++;
      }
    }
    return line;
  }

  private JinjaException wrong(String what) {
    return new JinjaException("line " + line() + ": " + what);
  }
}
