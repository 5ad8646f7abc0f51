package dev.sparsed.text.internal.jinja;

/** A template's text and a place in it. */
final class SourceText {

  private final String text;
  private int position;
  private int line = 1;
  private int counted;

  SourceText(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  int position() {
    return position;
  }

  boolean isAtEnd() {
    return position >= text.length();
  }

  boolean isAfterNewline() {
    return position > 0 && text.charAt(position - 1) == '\n';
  }

  /** The code point at the place, which is not the end. */
  int peek() {
    return text.codePointAt(position);
  }

  boolean startsWith(String part) {
    return text.startsWith(part, position);
  }

  /** Moves on, never back. */
  void moveTo(int place) {
    position = place;
  }

  /** The line of the place, from 1. */
  int line() {
    for (; counted < position && counted < text.length(); counted++) {
      if (text.charAt(counted) == '\n') {
        line++;
      }
    }
    return line;
  }

  void skipSpace() {
    while (position < text.length() && PythonText.isSpace(text.charAt(position))) {
      position++;
    }
  }

  void skipNewline() {
    if (position < text.length() && text.charAt(position) == '\n') {
      position++;
    }
  }

  JinjaException wrong(String what) {
    return new JinjaException("line " + line() + ": " + what);
  }
}
