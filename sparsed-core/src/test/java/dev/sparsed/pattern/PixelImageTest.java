package dev.sparsed.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class PixelImageTest {

  private static BufferedImage readBack(PixelImage image) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    image.writePng(png);
    return Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png.toByteArray())));
  }

  private static void assertReadBack(PixelImage image) throws IOException {
    BufferedImage read = readBack(image);
    assertEquals(image.width(), read.getWidth());
    assertEquals(image.height(), read.getHeight());
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        assertEquals(image.colour(x, y), read.getRGB(x, y) & 0xffffff);
      }
    }
  }

  /** Noise does not deflate: these are several chunks of pixels. */
  @Test
  void imagesOfAnySizeAreReadBackAsPng() throws IOException {
    Random random = new Random(9);
    for (int[] size : new int[][] {{1, 1}, {1, 500}, {500, 1}, {311, 257}}) {
      PixelImage image = new PixelImage(size[0], size[1], 0x123456);
      for (int y = 1; y < size[1]; y++) {
        for (int x = 0; x < size[0]; x++) {
          image.fill(x, y, 1, 1, random.nextInt(1 << 24));
        }
      }
      assertReadBack(image);
    }
  }

  @Test
  void whatLiesOutsideIsLeftOut() throws IOException {
    PixelImage image = new PixelImage(4, 3, 0);
    image.fill(-5, -5, 6, 6, 1);
    image.fill(3, 2, 100, 100, 2);
    image.fill(4, 0, 1, 1, 3);
    image.fill(0, 3, 1, 1, 3);
    assertEquals(1, image.colour(0, 0));
    assertEquals(0, image.colour(1, 0));
    assertEquals(2, image.colour(3, 2));
    assertReadBack(image);
    assertThrows(IndexOutOfBoundsException.class, () -> image.colour(4, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> image.colour(0, -1));
  }
}
