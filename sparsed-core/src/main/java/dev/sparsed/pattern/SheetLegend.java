package dev.sparsed.pattern;

import com.google.common.collect.ImmutableList;

/**
 * What the colours of a sheet mean: small fields with words, as many in a line as there is room.
 */
final class SheetLegend {

  private static final int FIELD = 14;
  private static final int RANGE = 60;

  private final BlockMap map;
  private final int scale;
  private final ImmutableList<Entry> entries;

  /**
   * One field and its words.
   *
   * @param field width of the field in pixels
   * @param from number of its left end; negative for the line between prompt and generation
   * @param to number of its right end
   */
  private record Entry(int field, double from, double to, String text) {}

  SheetLegend(BlockMap map, int scale) {
    this.map = map;
    this.scale = scale;
    ImmutableList.Builder<Entry> all = ImmutableList.builder();
    for (BlockMap.Explained range : map.legend()) {
      int field = (range.from() == range.to() ? FIELD : RANGE) * scale;
      all.add(new Entry(field, range.from(), range.to(), range.meaning()));
    }
    if (map.firstGenerationBlock() > 0) {
      String text = "generation from token " + map.firstGenerationToken() + ", prompt before";
      all.add(new Entry(FIELD * scale, -1, -1, text));
    }
    this.entries = all.build();
  }

  /** Pixels of the longest entry. */
  int widest() {
    return entries.stream().mapToInt(this::width).max().orElse(0);
  }

  private int width(Entry entry) {
    return entry.field() + 4 * scale + PixelFont.width(entry.text(), scale);
  }

  /** Pixels of all lines at a width. */
  int height(long width) {
    int lines = 1;
    long used = 0;
    for (Entry entry : entries) {
      if (used > 0 && used + width(entry) > width) {
        lines++;
        used = 0;
      }
      used += width(entry) + gap();
    }
    return lines * line();
  }

  private int line() {
    return (PixelFont.HEIGHT + 6) * scale;
  }

  private int gap() {
    return 16 * scale;
  }

  void draw(PixelImage image, int left, int top, int width) {
    int x = 0;
    int y = top;
    for (Entry entry : entries) {
      if (x > 0 && x + width(entry) > width) {
        x = 0;
        y += line();
      }
      drawField(image, entry, left + x, y);
      int text = left + x + entry.field() + 4 * scale;
      PixelFont.draw(image, entry.text(), text, y + 2 * scale, scale, MapSheet.ink());
      x += width(entry) + gap();
    }
  }

  private void drawField(PixelImage image, Entry entry, int x, int y) {
    int height = (PixelFont.HEIGHT + 2) * scale;
    if (entry.from() < 0) {
      image.fill(x + entry.field() / 2, y, 1, height, MapSheet.border());
      return;
    }
    for (int column = 0; column < entry.field(); column++) {
      double share = column / (double) Math.max(1, entry.field() - 1);
      double number = entry.from() + share * (entry.to() - entry.from());
      image.fill(x + column, y, 1, height, map.colours().of(number));
    }
    image.frame(x, y, entry.field(), height, MapSheet.ink());
  }
}
