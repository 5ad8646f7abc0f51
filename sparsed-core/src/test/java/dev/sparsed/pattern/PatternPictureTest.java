package dev.sparsed.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PatternPictureTest {

  private static final int COMPUTED = 0x1f5fa8;
  private static final int EMPTY = 0xf1f4f7;
  private static final int BORDER = 0xe4572e;

  /** A diagonal and the first column. */
  private static SparsePattern diagonal(int heads, int blocks) {
    BlockGrid grid = BlockGrid.square(1, heads, blocks * 4, 4);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      builder.set(row, row % blocks).set(row, 0);
    }
    return builder.build();
  }

  /** Tokens are square in a picture, whatever the blocks. */
  @Test
  void keyColumnsAreDrawnThinnerThanQueryBlocks() {
    BlockGrid grid = new BlockGrid(1, 1, 8, 8, new BlockShape(4, 1));
    SparsePattern pattern =
        SparsePattern.builder(grid).set(0, 1).set(0, 2).set(1, 2).set(1, 7).build();
    String expected =
        """
        head 0: 25.0%
          ┌────────┐
        0 │ ██     │
          │ ██     │
          │  █    █│
          │  █    █│
          └────────┘
           0      8
        rows: query, columns: key token
        """;
    assertEquals(expected, PatternPicture.of(pattern).text(0, 80));
    PixelImage image = PatternPicture.of(pattern).image(0, 16);
    assertTrue(image.height() > 16, () -> "height " + image.height());
  }

  @Test
  void textShowsEveryBlockWhereThereIsRoom() {
    String expected =
        """
        layer 3, head 1: 50.0%
          ┌─┬───┐
        0 │▀│▀  │
          └─┴───┘
           0  16
        rows: query, columns: key token
        right of the line: generation from 4
        """;
    SparsePattern secondRow = diagonal(2, 4).queries(4, 8);
    assertEquals(expected, new PatternPicture(secondRow, "layer 3", 1, 0).text(1, 80));
  }

  @Test
  void textOfAWholeHead() {
    String expected =
        """
        head 0: 43.8%
           ┌────┐
         0 │█▄  │
           │█ ▀▄│
           └────┘
            0 16
        rows: query, columns: key token
        """;
    assertEquals(expected, PatternPicture.of(diagonal(1, 4)).text(0, 80));
  }

  @Test
  void largeGridsAreShadedToTheWidth() {
    SparsePattern pattern = diagonal(1, 1000);
    String text = PatternPicture.of(pattern).generating(400).text(0, 60);
    for (String line : text.split("\n", -1)) {
      assertTrue(line.length() <= 60, line);
    }
    assertTrue(text.contains("░"), text);
    // Five columns are the numbers of tokens, three the frame and the border.
    assertEquals(
        1 + 2 + 26 + 3,
        text.lines().count(),
        "caption, frame, half as many lines as columns, numbers and legend");
    assertThrows(IllegalArgumentException.class, () -> PatternPicture.of(pattern).text(0, 39));
    assertThrows(IndexOutOfBoundsException.class, () -> PatternPicture.of(pattern).text(1, 60));
  }

  @Test
  void imagesShowEveryBlockAndTheBorder() {
    PatternPicture picture = PatternPicture.of(diagonal(2, 10)).generating(12);
    PixelImage image = picture.image(1, 100);
    // The frame's inside begins where the first computed block does; ten pixels per block.
    int x = 0;
    int y = 0;
    while (image.colour(x, y) != COMPUTED) {
      x = x + 1 < image.width() ? x + 1 : 0;
      y = x == 0 ? y + 1 : y;
    }
    for (int query = 0; query < 10; query++) {
      for (int key = 0; key < 10; key++) {
        int expected = query == key || key == 0 ? COMPUTED : EMPTY;
        assertEquals(expected, image.colour(x + key * 10 + 5, y + query * 10 + 5));
      }
      assertEquals(BORDER, image.colour(x + 70, y + query * 10 + 5));
      assertEquals(BORDER, image.colour(x + query * 10 + 5, y + 70));
    }
  }

  @Test
  void titleAxesAndLegendTakeRoomAroundTheHeads() {
    PatternPicture bare = PatternPicture.of(diagonal(2, 10));
    PixelImage image = bare.image(0, 100);
    assertTrue(image.width() > 100 + 20 && image.height() > 100 + 40);
    assertTrue(bare.titled("layer 3").image(0, 100).height() > image.height());
    // The border is explained only where it is drawn.
    assertTrue(count(image, BORDER) == 0);
    assertTrue(count(bare.generating(12).image(0, 100), BORDER) > 200);
  }

  private static int count(PixelImage image, int colour) {
    int count = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        count += image.colour(x, y) == colour ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void sheetsHoldAllHeadsAndAreReadBackAsPng(@TempDir Path directory) throws IOException {
    PatternPicture picture = PatternPicture.of(diagonal(7, 64)).titled("Layer 12").generating(64);
    PixelImage sheet = picture.sheet(128);
    Path file = directory.resolve("sheet.png");
    sheet.save(file);
    BufferedImage read = ImageIO.read(file.toFile());
    assertNotNull(read);
    assertEquals(sheet.width(), read.getWidth());
    assertEquals(sheet.height(), read.getHeight());
    for (int y = 0; y < sheet.height(); y++) {
      for (int x = 0; x < sheet.width(); x++) {
        assertEquals(sheet.colour(x, y), read.getRGB(x, y) & 0xffffff, x + ", " + y);
      }
    }
    picture.image(0, 500).save(file);
    assertTrue(Files.size(file) > 100);
  }

  @Test
  void gridsOfAnyFormCanBeDrawn() {
    for (BlockGrid grid :
        new BlockGrid[] {
          BlockGrid.square(1, 1, 1, 1),
          new BlockGrid(1, 2, 3, 5000, 4),
          new BlockGrid(1, 2, 5000, 3, 4),
          new BlockGrid(2, 3, 100, 7, 100),
          new BlockGrid(1, 1, 5000, 5000, new BlockShape(128, 1)),
          new BlockGrid(1, 1, 64, 900, new BlockShape(4, 128))
        }) {
      PatternPicture picture = PatternPicture.of(Patterns.random(grid, 5));
      for (int size : new int[] {16, 100, 500}) {
        assertTrue(picture.image(0, size).width() > 0);
        assertTrue(picture.sheet(size).width() > 0);
      }
      assertTrue(picture.text(0, 40).length() > 0);
    }
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    PatternPicture picture = PatternPicture.of(diagonal(1, 4));
    assertThrows(IllegalArgumentException.class, () -> picture.image(0, 15));
    assertThrows(IllegalArgumentException.class, () -> picture.image(0, 5000));
    assertThrows(IndexOutOfBoundsException.class, () -> picture.image(1, 100));
    assertThrows(IndexOutOfBoundsException.class, () -> picture.image(-1, 100));
    assertThrows(IndexOutOfBoundsException.class, () -> picture.ofBatchItem(1));
    assertThrows(IllegalArgumentException.class, () -> picture.generating(-1));
    BlockGrid manyHeads = BlockGrid.square(1, 1000, 8, 4);
    PatternPicture many = PatternPicture.of(SparsePattern.dense(manyHeads));
    assertThrows(IllegalArgumentException.class, () -> many.sheet(4096));
  }

  @Test
  void captionsMayHoldAnything() {
    PatternPicture picture = PatternPicture.of(diagonal(1, 4)).titled("Ünïcode \u0000 \n 模型");
    assertTrue(picture.image(0, 100).width() > 100);
    BitSet nothing = new BitSet();
    assertEquals(0, picture.pattern().restrictKeys(nothing).cells());
  }
}
