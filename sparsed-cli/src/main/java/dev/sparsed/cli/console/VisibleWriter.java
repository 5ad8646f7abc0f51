package dev.sparsed.cli.console;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Locale;

/**
 * Shows control characters instead of obeying them: what comes out of a file or a model may hold
 * some that colour, hide or overwrite what a terminal shows. They are written as in JSON, such as
 * {@code \}{@code u001b}. Line ends and tabs stay.
 */
public final class VisibleWriter extends FilterWriter {

  private VisibleWriter(Writer target) {
    super(target);
  }

  /**
   * A writer that passes on what it gets with control characters shown.
   *
   * @param target where it goes
   * @return the writer
   */
  public static PrintWriter to(Writer target) {
    return new PrintWriter(new VisibleWriter(target), true);
  }

  /**
   * Whether a terminal may do something else with a character than show it.
   *
   * @param character any
   * @return true for control characters other than line end and tab, and for those that turn the
   *     direction of writing
   */
  private static boolean isControl(char character) {
    return switch (character) {
      case '\n', '\t' -> false;
      // Line and paragraph separator, then embeddings, overrides and isolates.
      case '\u2028', '\u2029' -> true;
      case '\u202a', '\u202b', '\u202c', '\u202d', '\u202e' -> true;
      case '\u2066', '\u2067', '\u2068', '\u2069' -> true;
      default -> Character.isISOControl(character);
    };
  }

  @Override
  public void write(char[] characters, int offset, int length) throws IOException {
    int plain = offset;
    int end = offset + length;
    for (int at = offset; at < end; at++) {
      // The line end of some systems, which comes in one piece.
      boolean endsLine = characters[at] == '\r' && at + 1 < end && characters[at + 1] == '\n';
      if (isControl(characters[at]) && !endsLine) {
        out.write(characters, plain, at - plain);
        out.write(String.format(Locale.ROOT, "\\u%04x", (int) characters[at]));
        plain = at + 1;
      }
    }
    out.write(characters, plain, end - plain);
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    char[] characters = new char[length];
    text.getChars(offset, offset + length, characters, 0);
    write(characters, 0, length);
  }

  @Override
  public void write(int character) throws IOException {
    write(new char[] {(char) character}, 0, 1);
  }
}
