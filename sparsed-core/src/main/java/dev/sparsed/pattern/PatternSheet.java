package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;

/** Draws some heads of a {@link PatternPicture}, each in a frame under its caption. */
final class PatternSheet {

  private static final int PAPER = 0xffffff;
  private static final int INK = 0x1b2838;
  private static final int EMPTY = 0xf1f4f7;
  private static final int COMPUTED = 0x1f5fa8;
  private static final int BORDER = 0xe4572e;
  private static final long MOST_PIXELS = 100_000_000;

  private final PatternPicture picture;
  private final BlockGrid grid;
  private final int fromHead;
  private final int toHead;
  private final int columns;
  private final int width;
  private final int height;
  private final int scale;

  PatternSheet(PatternPicture picture, int fromHead, int toHead, int columns, int size) {
    checkArgument(size >= 16 && size <= 4096, "size must be 16 to 4096 pixels but is %s", size);
    this.picture = picture;
    this.grid = picture.pattern().grid();
    this.fromHead = fromHead;
    this.toHead = toHead;
    this.columns = columns;
    double exact = size / (double) Math.max(grid.queryBlocks(), grid.keyBlocks());
    double perBlock = exact >= 1 ? Math.floor(exact) : exact;
    width = Math.max(1, (int) (grid.keyBlocks() * perBlock));
    height = Math.max(1, (int) (grid.queryBlocks() * perBlock));
    scale = size >= 400 ? 2 : 1;
  }

  PixelImage draw() {
    int captionWidth = 0;
    for (int head = fromHead; head < toHead; head++) {
      captionWidth = Math.max(captionWidth, PixelFont.width(picture.caption(head), scale));
    }
    int margin = 8 * scale;
    int captionHeight = (PixelFont.HEIGHT + 4) * scale;
    int cellWidth = Math.max(width + 2, captionWidth) + margin;
    int cellHeight = captionHeight + height + 2 + margin;
    int rows = (toHead - fromHead + columns - 1) / columns;
    long pixels = ((long) columns * cellWidth + margin) * ((long) rows * cellHeight + margin);
    checkArgument(
        pixels <= MOST_PIXELS, "the sheet would have %s pixels; draw smaller heads", pixels);
    PixelImage image =
        new PixelImage(columns * cellWidth + margin, rows * cellHeight + margin, PAPER);
    for (int head = fromHead; head < toHead; head++) {
      int x = margin + (head - fromHead) % columns * cellWidth;
      int y = margin + (head - fromHead) / columns * cellHeight;
      PixelFont.draw(image, picture.caption(head), x, y, scale, INK);
      image.frame(x, y + captionHeight, width + 2, height + 2, INK);
      drawCells(image, head, x + 1, y + captionHeight + 1);
      drawBorder(image, x + 1, y + captionHeight + 1);
    }
    return image;
  }

  private void drawCells(PixelImage image, int head, int x, int y) {
    int blocksX = Math.min(width, grid.keyBlocks());
    int blocksY = Math.min(height, grid.queryBlocks());
    for (int row = 0; row < blocksY; row++) {
      int top = PatternPicture.from(row, blocksY, height);
      int below = PatternPicture.from(row + 1, blocksY, height);
      for (int column = 0; column < blocksX; column++) {
        int left = PatternPicture.from(column, blocksX, width);
        int right = PatternPicture.from(column + 1, blocksX, width);
        int colour = mix(picture.share(head, row, blocksY, column, blocksX));
        image.fill(x + left, y + top, right - left, below - top, colour);
      }
    }
  }

  private void drawBorder(PixelImage image, int x, int y) {
    int block = picture.firstGenerationBlock();
    if (block > 0) {
      image.fill(x + PatternPicture.from(block, grid.keyBlocks(), width), y, 1, height, BORDER);
      if (grid.queryLength() == grid.keyLength()) {
        image.fill(x, y + PatternPicture.from(block, grid.keyBlocks(), height), width, 1, BORDER);
      }
    }
  }

  private static int mix(double share) {
    int colour = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      int empty = EMPTY >> shift & 0xff;
      int computed = COMPUTED >> shift & 0xff;
      colour |= (int) Math.round(empty + share * (computed - empty)) << shift;
    }
    return colour;
  }
}
