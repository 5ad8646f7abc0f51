package dev.sparsed.text.internal.jinja;

/**
 * A token of a template.
 *
 * @param kind its kind
 * @param text its text; of a string literal the value, of an int its decimal digits
 * @param line the line it starts in, from 1
 */
record Token(Kind kind, String text, int line) {

  /** Kinds of token. */
  enum Kind {
    DATA,
    VARIABLE_BEGIN,
    VARIABLE_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind other, String text) {
    return kind == other && this.text.equals(text);
  }

  JinjaException wrong(String what) {
    return new JinjaException("line " + line + ": " + what);
  }
}
