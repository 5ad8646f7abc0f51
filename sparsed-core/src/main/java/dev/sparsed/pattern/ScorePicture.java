package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;

/**
 * Draws block scores as a heat map, in the form of {@link PatternPicture}: the darker, the larger
 * the share of a query block's attention that goes to the key block. The scale is logarithmic, from
 * a thousandth to all of it, the same for all heads and layers.
 *
 * @param scores what is drawn
 * @param title stands on top, for example the layer; may be empty
 * @param firstGenerationBlock first key block of the generation, before which a line is drawn; 0
 *     for no line
 */
public record ScorePicture(BlockScoreMap scores, String title, int firstGenerationBlock) {

  private static final int DECADES = 3;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no such key block
   */
  public ScorePicture {
    int last = scores.grid().keyBlocks() - 1;
    checkArgument(
        firstGenerationBlock >= 0 && firstGenerationBlock <= last,
        "firstGenerationBlock must be 0 to %s but is %s",
        last,
        firstGenerationBlock);
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
    checkElementIndex(head, scores.grid().heads(), "head");
    String caption = (title.isEmpty() ? "" : title + ", ") + "head " + head;
    return new MapText(map(), head, width).draw(caption);
  }

  /**
   * A head under title and caption.
   *
   * @param head index of the head
   * @param size pixels of the map's longer side, 16 to 4096
   * @return the image
   * @throws IndexOutOfBoundsException if there is no such head
   * @throws IllegalArgumentException if the size is out of its range
   */
  public PixelImage image(int head, int size) {
    checkElementIndex(head, scores.grid().heads(), "head");
    return new MapSheet(map(), head, head + 1, 1, size).draw();
  }

  /**
   * All heads of the first sequence, in about as many columns as rows.
   *
   * @param size pixels of the longer side of a head's map, 16 to 4096
   * @return the image
   * @throws IllegalArgumentException if the size is out of its range, or the sheet would have more
   *     than 100 million pixels
   */
  public PixelImage sheet(int size) {
    int heads = scores.grid().heads();
    return new MapSheet(map(), 0, heads, (int) Math.ceil(Math.sqrt(heads)), size).draw();
  }

  private BlockMap map() {
    return new Heat(this);
  }

  private record Heat(ScorePicture picture) implements BlockMap {

    @Override
    public BlockGrid grid() {
      return picture.scores.grid();
    }

    @Override
    public String title() {
      return picture.title;
    }

    @Override
    public String summary() {
      return "attention between blocks of " + grid().blocks() + " tokens";
    }

    @Override
    public String caption(int head) {
      return "head " + head;
    }

    @Override
    public int firstGenerationBlock() {
      return picture.firstGenerationBlock;
    }

    @Override
    public double mean(int head, int fromQuery, int toQuery, int fromKey, int toKey) {
      double sum = 0;
      for (int query = fromQuery; query < toQuery; query++) {
        int row = grid().row(0, head, query);
        for (int key = fromKey; key < toKey; key++) {
          sum += picture.scores.share(row, key);
        }
      }
      double share = sum / ((double) (toQuery - fromQuery) * (toKey - fromKey));
      return share > 0 ? Math.max(0, 1 + Math.log10(share) / DECADES) : 0;
    }

    @Override
    public ColourRamp colours() {
      return ColourRamp.HEAT;
    }

    @Override
    public ImmutableList<Explained> legend() {
      return ImmutableList.of(
          new Explained(0, 1, "0.1% to 100% of a query block's attention, logarithmic"));
    }
  }
}
