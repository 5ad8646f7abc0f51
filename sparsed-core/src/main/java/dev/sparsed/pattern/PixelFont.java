package dev.sparsed.pattern;

import java.util.Locale;
import java.util.Map;

/**
 * Letters of five by seven squares, enough for the captions of pictures. Java's own text drawing
 * needs fonts from the operating system, which servers and containers often lack.
 */
final class PixelFont {

  /** Squares from one letter to the next. */
  static final int ADVANCE = 6;

  /** Squares from the top of a letter to the foot of those that reach below the line. */
  static final int HEIGHT = 8;

  /** Seven or eight rows of five squares per letter, set ones as #. */
  private static final Map<Character, String[]> GLYPHS =
      Map.ofEntries(
          glyph('0', " ### ", "#   #", "#  ##", "# # #", "##  #", "#   #", " ### "),
          glyph('1', "  #  ", " ##  ", "  #  ", "  #  ", "  #  ", "  #  ", " ### "),
          glyph('2', " ### ", "#   #", "    #", "   # ", "  #  ", " #   ", "#####"),
          glyph('3', " ### ", "#   #", "    #", "  ## ", "    #", "#   #", " ### "),
          glyph('4', "   # ", "  ## ", " # # ", "#  # ", "#####", "   # ", "   # "),
          glyph('5', "#####", "#    ", "#### ", "    #", "    #", "#   #", " ### "),
          glyph('6', "  ## ", " #   ", "#    ", "#### ", "#   #", "#   #", " ### "),
          glyph('7', "#####", "    #", "   # ", "  #  ", "  #  ", "  #  ", "  #  "),
          glyph('8', " ### ", "#   #", "#   #", " ### ", "#   #", "#   #", " ### "),
          glyph('9', " ### ", "#   #", "#   #", " ####", "    #", "   # ", " ##  "),
          glyph('a', "     ", "     ", " ### ", "    #", " ####", "#   #", " ####"),
          glyph('b', "#    ", "#    ", "#### ", "#   #", "#   #", "#   #", "#### "),
          glyph('c', "     ", "     ", " ### ", "#   #", "#    ", "#   #", " ### "),
          glyph('d', "    #", "    #", " ####", "#   #", "#   #", "#   #", " ####"),
          glyph('e', "     ", "     ", " ### ", "#   #", "#####", "#    ", " ### "),
          glyph('f', "  ## ", " #   ", "#### ", " #   ", " #   ", " #   ", " #   "),
          glyph('g', "     ", "     ", " ####", "#   #", "#   #", " ####", "    #", " ### "),
          glyph('h', "#    ", "#    ", "# ## ", "##  #", "#   #", "#   #", "#   #"),
          glyph('i', "  #  ", "     ", " ##  ", "  #  ", "  #  ", "  #  ", " ### "),
          glyph('j', "   # ", "     ", "  ## ", "   # ", "   # ", "   # ", "#  # ", " ##  "),
          glyph('k', "#    ", "#    ", "#  # ", "# #  ", "##   ", "# #  ", "#  # "),
          glyph('l', " ##  ", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", " ### "),
          glyph('m', "     ", "     ", "## # ", "# # #", "# # #", "# # #", "# # #"),
          glyph('n', "     ", "     ", "# ## ", "##  #", "#   #", "#   #", "#   #"),
          glyph('o', "     ", "     ", " ### ", "#   #", "#   #", "#   #", " ### "),
          glyph('p', "     ", "     ", "#### ", "#   #", "#   #", "#### ", "#    ", "#    "),
          glyph('q', "     ", "     ", " ####", "#   #", "#   #", " ####", "    #", "    #"),
          glyph('r', "     ", "     ", "# ## ", "##  #", "#    ", "#    ", "#    "),
          glyph('s', "     ", "     ", " ####", "#    ", " ### ", "    #", "#### "),
          glyph('t', " #   ", " #   ", "#### ", " #   ", " #   ", " #   ", "  ## "),
          glyph('u', "     ", "     ", "#   #", "#   #", "#   #", "#  ##", " ## #"),
          glyph('v', "     ", "     ", "#   #", "#   #", "#   #", " # # ", "  #  "),
          glyph('w', "     ", "     ", "#   #", "# # #", "# # #", "# # #", " # # "),
          glyph('x', "     ", "     ", "#   #", " # # ", "  #  ", " # # ", "#   #"),
          glyph('y', "     ", "     ", "#   #", "#   #", "#   #", " ####", "    #", " ### "),
          glyph('z', "     ", "     ", "#####", "   # ", "  #  ", " #   ", "#####"),
          glyph('.', "     ", "     ", "     ", "     ", "     ", " ##  ", " ##  "),
          glyph(',', "     ", "     ", "     ", "     ", " ##  ", "  #  ", " #   "),
          glyph(':', "     ", " ##  ", " ##  ", "     ", " ##  ", " ##  ", "     "),
          glyph('-', "     ", "     ", "     ", "#####", "     ", "     ", "     "),
          glyph('_', "     ", "     ", "     ", "     ", "     ", "     ", "#####"),
          glyph('+', "     ", "  #  ", "  #  ", "#####", "  #  ", "  #  ", "     "),
          glyph('=', "     ", "     ", "#####", "     ", "#####", "     ", "     "),
          glyph('%', "##   ", "##  #", "   # ", "  #  ", " #   ", "#  ##", "   ##"),
          glyph('/', "    #", "    #", "   # ", "  #  ", " #   ", "#    ", "#    "),
          glyph('(', "   # ", "  #  ", " #   ", " #   ", " #   ", "  #  ", "   # "),
          glyph(')', " #   ", "  #  ", "   # ", "   # ", "   # ", "  #  ", " #   "),
          glyph('\'', "  #  ", "  #  ", " #   ", "     ", "     ", "     ", "     "),
          glyph('?', " ### ", "#   #", "    #", "   # ", "  #  ", "     ", "  #  "));

  private PixelFont() {}

  private static Map.Entry<Character, String[]> glyph(char letter, String... rows) {
    return Map.entry(letter, rows);
  }

  /** Width of a line in pixels. */
  static int width(String text, int scale) {
    return Math.max(0, text.length() * ADVANCE - 1) * scale;
  }

  /** Draws a line. Capitals are drawn small; what has no glyph as a question mark. */
  static void draw(PixelImage image, String text, int x, int y, int scale, int colour) {
    forSquares(
        text,
        (column, row) -> image.fill(x + column * scale, y + row * scale, scale, scale, colour));
  }

  /** Draws a line from bottom to top, its feet to the right. */
  static void drawUpwards(PixelImage image, String text, int x, int y, int scale, int colour) {
    forSquares(
        text,
        (column, row) ->
            image.fill(x + row * scale, y - (column + 1) * scale, scale, scale, colour));
  }

  private interface Square {
    void at(int column, int row);
  }

  private static void forSquares(String text, Square square) {
    String[] unknown = GLYPHS.getOrDefault('?', new String[0]);
    String letters = text.toLowerCase(Locale.ROOT);
    for (int i = 0; i < letters.length(); i++) {
      char letter = letters.charAt(i);
      String[] rows = letter == ' ' ? new String[0] : GLYPHS.getOrDefault(letter, unknown);
      for (int row = 0; row < rows.length; row++) {
        for (int column = 0; column < rows[row].length(); column++) {
          if (rows[row].charAt(column) == '#') {
            square.at(i * ADVANCE + column, row);
          }
        }
      }
    }
  }
}
