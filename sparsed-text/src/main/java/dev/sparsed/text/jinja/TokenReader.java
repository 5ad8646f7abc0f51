package dev.sparsed.text.jinja;

import dev.sparsed.text.jinja.Token.Kind;
import java.util.List;

/** Walks through the tokens of a template, one ahead. */
final class TokenReader {

  private final List<Token> tokens;
  private int position;

  TokenReader(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(position);
  }

  /** The token after {@link #peek}'s. */
  Token second() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  /** Steps over a token, but never over the end. */
  Token next() {
    Token token = tokens.get(position);
    if (token.kind() != Kind.END) {
      position++;
    }
    return token;
  }

  boolean isOperator(String operator) {
    return peek().is(Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return peek().is(Kind.NAME, name);
  }

  boolean take(String operator) {
    if (isOperator(operator)) {
      position++;
      return true;
    }
    return false;
  }

  boolean takeName(String name) {
    if (isName(name)) {
      position++;
      return true;
    }
    return false;
  }

  void expect(String operator) {
    if (!take(operator)) {
      throw peek().wrong("expected " + operator + ", found " + peek().text());
    }
  }

  void expectName(String name) {
    if (!takeName(name)) {
      throw peek().wrong("expected " + name + ", found " + peek().text());
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
