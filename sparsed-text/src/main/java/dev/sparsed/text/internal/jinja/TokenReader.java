package dev.sparsed.text.internal.jinja;

import dev.sparsed.text.internal.jinja.Token.Kind;
import org.jspecify.annotations.Nullable;

/** Walks through the tokens of a template, up to two ahead. */
final class TokenReader {

  /**
   * Levels of brackets, tags and signs within one another. Jinja2 itself gives up before, when
   * Python's stack ends.
   */
  private static final int MAX_NESTING = 100;

  private final Lexer lexer;
  private Token current;
  private @Nullable Token second;
  private int nesting;

  TokenReader(Lexer lexer) {
    this.lexer = lexer;
    current = lexer.next();
  }

  Token peek() {
    return current;
  }

  /** The token after {@link #peek}'s. */
  Token second() {
    if (second == null) {
      second = lexer.next();
    }
    return second;
  }

  Token next() {
    Token token = current;
    current = second();
    second = null;
    return token;
  }

  /** One level deeper into the grammar, which is left by {@link #leave}. */
  void enter() {
    if (++nesting > MAX_NESTING) {
      throw current.wrong("the template is nested too deeply, in more than 100 levels");
    }
  }

  void leave() {
    nesting--;
  }

  boolean isOperator(String operator) {
    return current.is(Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return current.is(Kind.NAME, name);
  }

  boolean take(String operator) {
    if (isOperator(operator)) {
      next();
      return true;
    }
    return false;
  }

  boolean takeName(String name) {
    if (isName(name)) {
      next();
      return true;
    }
    return false;
  }

  void expect(String operator) {
    if (!take(operator)) {
      throw current.wrong("expected " + operator + ", found " + current.text());
    }
  }

  void expectName(String name) {
    if (!takeName(name)) {
      throw current.wrong("expected " + name + ", found " + current.text());
    }
  }

  Token expect(Kind kind) {
    Token token = next();
    if (token.kind() != kind) {
      throw token.wrong("unexpected " + token.text());
    }
    return token;
  }

  void endBlock() {
    expect(Kind.BLOCK_END);
  }
}
