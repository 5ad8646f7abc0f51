package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import java.util.Locale;

/**
 * Draws a pattern: query blocks from top to bottom, key blocks from left to right, dark where a
 * block is computed. Grids larger than the picture are averaged, so that the shade is the share of
 * blocks computed there. Works without a display and without fonts.
 *
 * <pre>{@code
 * PatternPicture picture = PatternPicture.of(pattern).titled("layer 3").generating(128);
 * System.out.println(picture.text(0, 80));
 * picture.sheet(200).save(Path.of("layer3.png"));
 * }</pre>
 *
 * @param pattern what is drawn
 * @param title stands before each caption, for example the layer; may be empty
 * @param firstGenerationBlock first key block of the generation, before which a line is drawn; 0
 *     for no line
 * @param batchItem index of the sequence that is drawn
 */
public record PatternPicture(
    SparsePattern pattern, String title, int firstGenerationBlock, int batchItem) {

  private static final String SHADES = " ░▒▓█";

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no such key block
   * @throws IndexOutOfBoundsException if there is no such sequence
   */
  public PatternPicture {
    BlockGrid grid = pattern.grid();
    checkArgument(
        firstGenerationBlock >= 0 && firstGenerationBlock < grid.keyBlocks(),
        "firstGenerationBlock must be 0 to %s but is %s",
        grid.keyBlocks() - 1,
        firstGenerationBlock);
    checkElementIndex(batchItem, grid.batch(), "batch item");
  }

  /**
   * The picture of a pattern's first sequence, without title and border.
   *
   * @param pattern the pattern
   * @return the picture
   */
  public static PatternPicture of(SparsePattern pattern) {
    return new PatternPicture(pattern, "", 0, 0);
  }

  /**
   * The same picture with a title.
   *
   * @param title stands before each caption
   * @return the changed picture
   */
  public PatternPicture titled(String title) {
    return new PatternPicture(pattern, title, firstGenerationBlock, batchItem);
  }

  /**
   * The same picture with the border between prompt and generation drawn.
   *
   * @param generationLength tokens to generate G, at the end of the sequence
   * @return the changed picture
   * @throws IllegalArgumentException if the length is negative
   */
  public PatternPicture generating(int generationLength) {
    int block = pattern.grid().firstGenerationBlock(generationLength);
    return new PatternPicture(pattern, title, block, batchItem);
  }

  /**
   * The same picture of another sequence of the batch.
   *
   * @param item index of the sequence
   * @return the changed picture
   * @throws IndexOutOfBoundsException if there is no such sequence
   */
  public PatternPicture ofBatchItem(int item) {
    return new PatternPicture(pattern, title, firstGenerationBlock, item);
  }

  /**
   * What stands above the picture of a head.
   *
   * @param head index of the head
   * @return title, head and the head's density
   * @throws IndexOutOfBoundsException if there is no such head
   */
  public String caption(int head) {
    String name = title.isEmpty() ? "head " + head : title + ", head " + head;
    return String.format(Locale.ROOT, "%s: %.1f%%", name, 100 * density(head));
  }

  private double density(int head) {
    BlockGrid grid = pattern.grid();
    long cells = 0;
    for (int block = 0; block < grid.queryBlocks(); block++) {
      cells += pattern.count(grid.row(batchItem, head, block));
    }
    return cells / ((double) grid.queryBlocks() * grid.keyBlocks());
  }

  /**
   * A head in block characters, under its caption.
   *
   * @param head index of the head
   * @param width largest number of characters in a line, at least 8
   * @return lines, each ended by a line feed
   * @throws IndexOutOfBoundsException if there is no such head
   * @throws IllegalArgumentException if the width is below 8
   */
  public String text(int head, int width) {
    checkArgument(width >= 8, "width must be at least 8 but is %s", width);
    BlockGrid grid = pattern.grid();
    int border = firstGenerationBlock;
    // Two characters of frame and one for the border; a character is about twice as high as wide.
    double scale = Math.max(1, grid.keyBlocks() / (width - 3.0));
    int columns = (int) Math.ceil(grid.keyBlocks() / scale);
    int rows = (int) Math.ceil(grid.queryBlocks() / scale);
    int borderColumn =
        border == 0 ? -1 : (int) Math.round(border * (double) columns / grid.keyBlocks());
    StringBuilder text = new StringBuilder(caption(head)).append('\n');
    frame(text, '┌', '┬', '┐', columns, borderColumn);
    for (int row = 0; row < rows; row += 2) {
      text.append('│');
      for (int column = 0; column < columns; column++) {
        if (column == borderColumn) {
          text.append('│');
        }
        text.append(character(head, row, rows, column, columns));
      }
      text.append("│\n");
    }
    frame(text, '└', '┴', '┘', columns, borderColumn);
    return text.toString();
  }

  private static void frame(
      StringBuilder text, char left, char border, char right, int columns, int borderColumn) {
    text.append(left);
    for (int column = 0; column < columns; column++) {
      if (column == borderColumn) {
        text.append(border);
      }
      text.append('─');
    }
    text.append(right).append('\n');
  }

  /** The character of this row and the next, if there is one. */
  private char character(int head, int row, int rows, int column, int columns) {
    double upper = share(head, row, rows, column, columns);
    double lower = row + 1 < rows ? share(head, row + 1, rows, column, columns) : 0;
    // Whole blocks are drawn exactly, two in a character.
    if (isWhole(upper) && isWhole(lower)) {
      return upper > 0 ? (lower > 0 ? '█' : '▀') : (lower > 0 ? '▄' : ' ');
    }
    double share = (upper + lower) / 2;
    return SHADES.charAt((int) Math.min(4, Math.ceil(share * 4)));
  }

  private static boolean isWhole(double share) {
    return share == 0 || share == 1;
  }

  /** Share of the cells under one of {@code rows} x {@code columns} equal parts of the head. */
  double share(int head, int row, int rows, int column, int columns) {
    BlockGrid grid = pattern.grid();
    int fromQuery = from(row, rows, grid.queryBlocks());
    int toQuery = Math.max(fromQuery + 1, from(row + 1, rows, grid.queryBlocks()));
    int fromKey = from(column, columns, grid.keyBlocks());
    int toKey = Math.max(fromKey + 1, from(column + 1, columns, grid.keyBlocks()));
    int cells = 0;
    for (int query = fromQuery; query < toQuery; query++) {
      for (int key = fromKey; key < toKey; key++) {
        cells += pattern.contains(batchItem, head, query, key) ? 1 : 0;
      }
    }
    return cells / ((double) (toQuery - fromQuery) * (toKey - fromKey));
  }

  static int from(int part, int parts, int count) {
    return (int) ((long) part * count / parts);
  }

  /**
   * A head under its caption.
   *
   * @param head index of the head
   * @param size pixels of the picture's longer side, 16 to 4096; rounded down to whole pixels per
   *     block where the grid has fewer blocks
   * @return the image
   * @throws IndexOutOfBoundsException if there is no such head
   * @throws IllegalArgumentException if the size is out of its range
   */
  public PixelImage image(int head, int size) {
    caption(head); // refuses heads that are not there
    return new PatternSheet(this, head, head + 1, 1, size).draw();
  }

  /**
   * All heads, each under its caption, in about as many columns as rows.
   *
   * @param size pixels of the longer side of a head's picture, 16 to 4096
   * @return the image
   * @throws IllegalArgumentException if the size is out of its range, or the sheet would have more
   *     than 100 million pixels
   */
  public PixelImage sheet(int size) {
    int heads = pattern.grid().heads();
    return new PatternSheet(this, 0, heads, (int) Math.ceil(Math.sqrt(heads)), size).draw();
  }
}
