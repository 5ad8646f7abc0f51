package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * Draws some heads of a {@link BlockMap}: the title on top, each head in a frame under its caption
 * with axes in tokens, what the colours mean below.
 */
final class MapSheet {

  private static final int PAPER = 0xffffff;
  private static final int INK = 0x1b2838;
  private static final int BORDER = 0xe4572e;
  private static final long MOST_PIXELS = 100_000_000;
  private static final int LETTERS_OF_A_TICK = 7;

  private final BlockMap map;
  private final TokenAxis queries;
  private final TokenAxis keys;
  private final int fromHead;
  private final int toHead;
  private final int columns;
  private final int width;
  private final int height;
  private final int scale;
  private final int line;
  private final int margin;
  private final int left;
  private final int cellWidth;
  private final int cellHeight;

  MapSheet(BlockMap map, int fromHead, int toHead, int columns, int size) {
    checkArgument(size >= 16 && size <= 4096, "size must be 16 to 4096 pixels but is %s", size);
    this.map = map;
    this.queries = TokenAxis.queries(map.grid());
    this.keys = TokenAxis.keys(map.grid());
    this.fromHead = fromHead;
    this.toHead = toHead;
    this.columns = columns;
    double exact = size / (double) Math.max(queries.units(), keys.units());
    double perBlock = exact >= 1 ? Math.floor(exact) : exact;
    width = Math.max(1, (int) (keys.units() * perBlock));
    height = Math.max(1, (int) (queries.units() * perBlock));
    scale = size >= 400 ? 2 : 1;
    line = (PixelFont.HEIGHT + 4) * scale;
    margin = 8 * scale;
    // The axis's name, upright, and the numbers of tokens beside the ticks.
    left = line + PixelFont.width(Integer.toString(queries.length()), scale) + 5 * scale;
    int captions = 0;
    for (int head = fromHead; head < toHead; head++) {
      captions = Math.max(captions, PixelFont.width(map.caption(head), scale));
    }
    cellWidth = Math.max(width + 2, captions) + 2 * margin;
    cellHeight = line + height + 2 + margin;
  }

  PixelImage draw() {
    int rows = (toHead - fromHead + columns - 1) / columns;
    int top = margin + (map.title().isEmpty() ? 1 : 2) * line;
    int axis = 2 * line + 3 * scale;
    SheetLegend legend = new SheetLegend(map, scale);
    long total =
        Math.max(
            left + (long) columns * cellWidth,
            Math.max(
                legend.widest(),
                Math.max(
                    PixelFont.width(map.title(), scale), PixelFont.width(map.summary(), scale))));
    total += 2L * margin;
    long below = top + (long) rows * cellHeight + axis;
    long pixels = total * (below + legend.height(total - 2L * margin) + margin);
    checkArgument(
        pixels <= MOST_PIXELS, "the sheet would have %s pixels; draw smaller heads", pixels);
    int inner = (int) total - 2 * margin;
    PixelImage image =
        new PixelImage((int) total, (int) below + legend.height(inner) + margin, PAPER);
    PixelFont.draw(image, map.title(), margin, margin, scale, INK);
    PixelFont.draw(image, map.summary(), margin, top - line, scale, INK);
    for (int head = fromHead; head < toHead; head++) {
      drawHead(image, head, top);
    }
    legend.draw(image, margin, (int) below, inner);
    return image;
  }

  private void drawHead(PixelImage image, int head, int top) {
    int index = head - fromHead;
    int x = margin + left + index % columns * cellWidth;
    int y = top + index / columns * cellHeight;
    PixelFont.draw(image, map.caption(head), x, y, scale, INK);
    image.frame(x, y + line, width + 2, height + 2, INK);
    drawCells(image, head, x + 1, y + line + 1);
    drawBorder(image, x + 1, y + line + 1);
    if (index % columns == 0) {
      drawQueryAxis(image, x, y + line + 1);
    }
    if (head + columns >= toHead) {
      drawKeyAxis(image, x + 1, y + line + height + 2);
    }
  }

  private void drawCells(PixelImage image, int head, int x, int y) {
    int partsX = Math.min(width, keys.blocks());
    int partsY = Math.min(height, queries.blocks());
    for (int row = 0; row < partsY; row++) {
      int top = TokenAxis.part(row, partsY, height);
      int below = TokenAxis.part(row + 1, partsY, height);
      for (int column = 0; column < partsX; column++) {
        int from = TokenAxis.part(column, partsX, width);
        int to = TokenAxis.part(column + 1, partsX, width);
        int colour = map.colours().of(map.part(head, row, partsY, column, partsX));
        image.fill(x + from, y + top, to - from, below - top, colour);
      }
    }
  }

  private void drawBorder(PixelImage image, int x, int y) {
    int block = map.firstGenerationBlock();
    if (block > 0) {
      image.fill(x + keys.pixelOfBlock(block, width), y, 1, height, BORDER);
      if (queries.length() == keys.length()) {
        image.fill(x, y + keys.pixelOfBlock(block, height), width, 1, BORDER);
      }
    }
  }

  /** Ticks and numbers to the left of a frame whose inside begins at y. */
  private void drawQueryAxis(PixelImage image, int x, int y) {
    for (int token : queries.ticks(height, 2 * line)) {
      int at = y + queries.pixel(token, height);
      String text = Integer.toString(token);
      image.fill(x - 3 * scale, at, 3 * scale, 1, INK);
      int start = x - 5 * scale - PixelFont.width(text, scale);
      PixelFont.draw(image, text, start, at - (token == 0 ? 0 : 3 * scale), scale, INK);
    }
    String name = axisName(queries);
    int length = Math.min(height, PixelFont.width(name, scale));
    PixelFont.drawUpwards(image, name, margin, y + (height + length) / 2, scale, INK);
  }

  /** Ticks and numbers below a frame whose inside begins at x. */
  private void drawKeyAxis(PixelImage image, int x, int y) {
    for (int token : keys.ticks(width, LETTERS_OF_A_TICK * PixelFont.ADVANCE * scale)) {
      int at = x + keys.pixel(token, width);
      image.fill(at, y, 1, 3 * scale, INK);
      PixelFont.draw(image, Integer.toString(token), at, y + 5 * scale, scale, INK);
    }
    PixelFont.draw(image, axisName(keys), x, y + 3 * scale + line, scale, INK);
  }

  private static String axisName(TokenAxis axis) {
    return String.format(Locale.ROOT, "%s token", axis.name());
  }

  /** The colour of letters and frames. */
  static int ink() {
    return INK;
  }

  /** The colour of the line between prompt and generation. */
  static int border() {
    return BORDER;
  }
}
