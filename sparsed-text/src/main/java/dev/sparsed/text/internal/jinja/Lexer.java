package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tags and the text between them, as Jinja2 does with {@code trim_blocks} and
 * {@code lstrip_blocks} on, the way Hugging Face sets it up. What stands inside of a tag is cut by
 * {@link TagLexer}.
 */
final class Lexer {

  private static final Pattern RAW_BEGIN =
      Pattern.compile("\\{%[-+]?\\s*+raw\\s*+(?:-%\\}\\s*+|%\\})");
  private static final Pattern RAW_END =
      Pattern.compile("\\{%([-+]?)\\s*+endraw\\s*+(?:\\+%\\}|-%\\}\\s*+|%\\}\\n?)");

  private final SourceText source;
  private final TagLexer tag;
  private final Deque<Token> tokens = new ArrayDeque<>();
  private boolean inTag;
  private boolean lineStarting = true;

  Lexer(String template) {
    String text = template.replace("\r\n", "\n").replace('\r', '\n');
    source = new SourceText(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    tag = new TagLexer(source);
  }

  /** The next token; after the last one that of the end, again and again. */
  Token next() {
    while (tokens.isEmpty()) {
      if (inTag) {
        Token token = tag.next();
        tokens.add(token);
        if (token.kind() == Kind.VARIABLE_END || token.kind() == Kind.BLOCK_END) {
          inTag = false;
          lineStarting = source.isAfterNewline();
        }
      } else if (source.isAtEnd()) {
        tokens.add(new Token(Kind.END, "the end of the template", source.line()));
      } else {
        text();
      }
    }
    return tokens.remove();
  }

  /** Takes the text up to the next tag, and the tag's beginning. */
  private void text() {
    int line = source.line();
    String text = source.text();
    int start = source.position();
    int begin = nextTag(text, start);
    if (begin < 0) {
      data(text.substring(start), line);
      source.moveTo(text.length());
      return;
    }
    char kind = text.charAt(begin + 1);
    char sign = begin + 2 < text.length() ? text.charAt(begin + 2) : ' ';
    data(before(text.substring(start, begin), sign, kind != '{'), line);
    source.moveTo(begin);
    Matcher raw = RAW_BEGIN.matcher(text).region(begin, text.length());
    if (kind == '%' && raw.lookingAt()) {
      source.moveTo(raw.end());
      raw();
      lineStarting = source.isAfterNewline();
      return;
    }
    line = source.line();
    source.moveTo(begin + (sign == '-' || sign == '+' ? 3 : 2));
    if (kind == '#') {
      comment();
      lineStarting = source.isAfterNewline();
      return;
    }
    inTag = true;
    tokens.add(new Token(kind == '{' ? Kind.VARIABLE_BEGIN : Kind.BLOCK_BEGIN, "{" + kind, line));
    tag.begin(kind == '{' ? '}' : '%');
  }

  private static int nextTag(String text, int from) {
    for (int i = text.indexOf('{', from); i >= 0; i = text.indexOf('{', i + 1)) {
      if (i + 1 < text.length() && "{%#".indexOf(text.charAt(i + 1)) >= 0) {
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
    int line = source.line();
    Matcher end = RAW_END.matcher(source.text());
    if (!end.find(source.position())) {
      throw source.wrong("{% raw %} is not closed");
    }
    lineStarting = false;
    String sign = end.group(1);
    String text = source.text().substring(source.position(), end.start());
    data(before(text, sign.isEmpty() ? ' ' : sign.charAt(0), true), line);
    source.moveTo(end.end());
  }

  private void comment() {
    int start = source.position();
    int end = source.text().indexOf("#}", start);
    if (end < 0) {
      throw source.wrong("a comment is not closed");
    }
    char sign = end > start ? source.text().charAt(end - 1) : ' ';
    source.moveTo(end + 2);
    if (sign == '-') {
      source.skipSpace();
    } else if (sign != '+') {
      source.skipNewline();
    }
  }

  private void data(String text, int line) {
    if (!text.isEmpty()) {
      tokens.add(new Token(Kind.DATA, text, line));
    }
  }
}
