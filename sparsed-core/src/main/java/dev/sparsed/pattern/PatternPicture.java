package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
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
 * @param title stands on top, for example the layer; may be empty
 * @param firstGenerationBlock first key block of the generation, before which a line is drawn; 0
 *     for no line
 * @param batchItem index of the sequence that is drawn
 */
public record PatternPicture(
    SparsePattern pattern, String title, int firstGenerationBlock, int batchItem) {

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
   * @param title stands on top
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
    String caption = headCaption(head);
    return title.isEmpty() ? caption : title + ", " + caption;
  }

  private String headCaption(int head) {
    return String.format(Locale.ROOT, "head %d: %.1f%%", head, 100 * density(head));
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
   * A head in block characters, under its caption, with axes in tokens.
   *
   * @param head index of the head
   * @param width largest number of characters in a line, at least 40
   * @return lines, each ended by a line feed
   * @throws IndexOutOfBoundsException if there is no such head
   * @throws IllegalArgumentException if the width is below 40
   */
  public String text(int head, int width) {
    return new MapText(map(), head, width).draw(caption(head));
  }

  /**
   * A head under title and caption, with axes in tokens and what the colours mean.
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
    return new MapSheet(map(), head, head + 1, 1, size).draw();
  }

  /**
   * All heads, each under its caption, in about as many columns as rows, with axes in tokens and
   * what the colours mean.
   *
   * @param size pixels of the longer side of a head's picture, 16 to 4096
   * @return the image
   * @throws IllegalArgumentException if the size is out of its range, or the sheet would have more
   *     than 100 million pixels
   */
  public PixelImage sheet(int size) {
    int heads = pattern.grid().heads();
    return new MapSheet(map(), 0, heads, (int) Math.ceil(Math.sqrt(heads)), size).draw();
  }

  private BlockMap map() {
    return new Blocks(this);
  }

  private record Blocks(PatternPicture picture) implements BlockMap {

    @Override
    public BlockGrid grid() {
      return picture.pattern.grid();
    }

    @Override
    public String title() {
      return picture.title;
    }

    @Override
    public String summary() {
      return String.format(
          Locale.ROOT,
          "%.1f%% of the blocks of %s tokens are read",
          100 * picture.pattern.density(),
          grid().blocks());
    }

    @Override
    public String caption(int head) {
      return picture.headCaption(head);
    }

    @Override
    public int firstGenerationBlock() {
      return picture.firstGenerationBlock;
    }

    @Override
    public double mean(int head, int fromQuery, int toQuery, int fromKey, int toKey) {
      int cells = 0;
      for (int query = fromQuery; query < toQuery; query++) {
        int row = grid().row(picture.batchItem, head, query);
        for (int key = fromKey; key < toKey; key++) {
          cells += picture.pattern.contains(row, key) ? 1 : 0;
        }
      }
      return cells / ((double) (toQuery - fromQuery) * (toKey - fromKey));
    }

    @Override
    public ColourRamp colours() {
      return ColourRamp.BLOCKS;
    }

    @Override
    public ImmutableList<Explained> legend() {
      return ImmutableList.of(new Explained(1, 1, "block is read"), new Explained(0, 0, "skipped"));
    }
  }
}
