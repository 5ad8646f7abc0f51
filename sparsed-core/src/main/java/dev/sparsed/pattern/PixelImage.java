package dev.sparsed.pattern;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import dev.sparsed.internal.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An image of 24-bit colours in Java memory. Made by {@link PatternPicture}; it can be looked at
 * pixel by pixel and saved as PNG, for neither of which anything of Java's desktop is needed.
 */
public final class PixelImage {

  private final int width;
  private final int height;
  private final int[] colours;

  /** An image of one colour, 0xRRGGBB. */
  PixelImage(int width, int height, int colour) {
    checkArgument(
        width >= 1 && height >= 1 && (long) width * height <= Integer.MAX_VALUE,
        "an image cannot have %s x %s pixels",
        width,
        height);
    this.width = width;
    this.height = height;
    this.colours = new int[width * height];
    Arrays.fill(colours, colour);
  }

  /**
   * Pixels of a row.
   *
   * @return at least 1
   */
  public int width() {
    return width;
  }

  /**
   * Number of rows.
   *
   * @return at least 1
   */
  public int height() {
    return height;
  }

  /**
   * The colour of a pixel.
   *
   * @param x pixels from the left
   * @param y pixels from the top
   * @return the colour as 0xRRGGBB
   * @throws IndexOutOfBoundsException if the pixel is outside of the image
   */
  public int colour(int x, int y) {
    checkElementIndex(x, width, "x");
    checkElementIndex(y, height, "y");
    return colours[y * width + x];
  }

  /** Fills a rectangle; what of it lies outside of the image is left out. */
  void fill(int x, int y, int columns, int rows, int colour) {
    int fromX = Math.max(0, x);
    int toX = Math.min(width, x + columns);
    for (int line = Math.max(0, y); line < Math.min(height, y + rows) && fromX < toX; line++) {
      Arrays.fill(colours, line * width + fromX, line * width + toX, colour);
    }
  }

  /** Draws the outline, one pixel thick, of a rectangle of so many pixels. */
  void frame(int x, int y, int columns, int rows, int colour) {
    fill(x, y, columns, 1, colour);
    fill(x, y + rows - 1, columns, 1, colour);
    fill(x, y, 1, rows, colour);
    fill(x + columns - 1, y, 1, rows, colour);
  }

  /**
   * Writes the image as a PNG file, which is replaced if it exists.
   *
   * @param path the file
   * @throws IOException if the file cannot be written
   */
  public void save(Path path) throws IOException {
    WholeFile.write(path, this::writePng);
  }

  /**
   * Writes the image as PNG to a stream, which stays open.
   *
   * @param out the stream
   * @throws IOException if the stream fails
   */
  public void writePng(OutputStream out) throws IOException {
    PngWriter.write(this, out);
  }
}
