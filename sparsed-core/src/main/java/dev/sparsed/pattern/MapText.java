package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;

/** Draws a head of a {@link BlockMap} in block characters, with axes in tokens. */
final class MapText {

  static final int LEAST_WIDTH = 40;

  private static final String SHADES = " ░▒▓█";
  private static final int LINES_PER_NUMBER = 4;

  private final BlockMap map;
  private final int head;
  private final TokenAxis queries;
  private final TokenAxis keys;
  private final int gutter;
  private final int columns;
  private final int rows;
  private final int borderColumn;

  MapText(BlockMap map, int head, int width) {
    checkArgument(width >= LEAST_WIDTH, "width must be at least %s but is %s", LEAST_WIDTH, width);
    this.map = map;
    this.head = head;
    this.queries = TokenAxis.queries(map.grid());
    this.keys = TokenAxis.keys(map.grid());
    this.gutter = Integer.toString(queries.length()).length() + 1;
    // Two characters of frame and one for the border; a character is about twice as high as wide.
    double scale = Math.max(1, keys.units() / (width - gutter - 3.0));
    this.columns = (int) Math.ceil(keys.units() / scale);
    this.rows = (int) Math.ceil(queries.units() / scale);
    int border = map.firstGenerationBlock();
    this.borderColumn =
        border == 0 ? -1 : (int) Math.round(border * (double) columns / keys.blocks());
  }

  String draw(String caption) {
    StringBuilder text = new StringBuilder(caption).append('\n');
    frame(text, '┌', '┬', '┐');
    for (int row = 0; row < rows; row += 2) {
      boolean numbered = row / 2 % LINES_PER_NUMBER == 0;
      int token = queries.token(TokenAxis.part(row, rows, queries.blocks()));
      text.append(numbered ? gutter(Integer.toString(token)) : gutter("")).append('│');
      for (int column = 0; column < columns; column++) {
        if (column == borderColumn) {
          text.append('│');
        }
        text.append(character(row, column));
      }
      text.append("│\n");
    }
    frame(text, '└', '┴', '┘');
    return text.append(keyNumbers()).append('\n').append(legend()).append('\n').toString();
  }

  private String gutter(String text) {
    return " ".repeat(gutter - 1 - text.length()) + text + " ";
  }

  private void frame(StringBuilder text, char left, char border, char right) {
    text.append(gutter("")).append(left);
    for (int column = 0; column < columns; column++) {
      if (column == borderColumn) {
        text.append(border);
      }
      text.append('─');
    }
    text.append(right).append('\n');
  }

  /** The first key, the border and the length, as far as there is room for them. */
  private String keyNumbers() {
    StringBuilder text = new StringBuilder(gutter("")).append(" 0");
    String last = Integer.toString(keys.length());
    if (borderColumn > 0) {
      place(text, Integer.toString(map.firstGenerationToken()), gutter + 1 + borderColumn);
    }
    place(text, last, gutter + 1 + columns + (borderColumn > 0 ? 1 : 0) - last.length());
    return text.toString();
  }

  private static void place(StringBuilder line, String number, int column) {
    if (column > line.length()) {
      line.append(" ".repeat(column - line.length())).append(number);
    }
  }

  private String legend() {
    String text = "rows: query, columns: key token";
    return borderColumn > 0
        ? text + "\nright of the line: generation from " + map.firstGenerationToken()
        : text;
  }

  /** The character of this row and the next, if there is one. */
  private char character(int row, int column) {
    double upper = map.part(head, row, rows, column, columns);
    double lower = row + 1 < rows ? map.part(head, row + 1, rows, column, columns) : 0;
    // Whole blocks are drawn exactly, two in a character.
    if (isWhole(upper) && isWhole(lower)) {
      return upper > 0 ? (lower > 0 ? '█' : '▀') : (lower > 0 ? '▄' : ' ');
    }
    double share = row + 1 < rows ? (upper + lower) / 2 : upper;
    return SHADES.charAt((int) Math.min(4, Math.ceil(share * 4)));
  }

  private static boolean isWhole(double share) {
    return share == 0 || share == 1;
  }
}
