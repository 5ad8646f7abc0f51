package dev.sparsed.eval.speed;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Puts panels of one size and the lines below them into one picture. */
final class ChartSheet {

  private static final int MARGIN = 16;
  private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  private ChartSheet() {}

  /** Panels row by row, then the lines, broken where they are too long. */
  static BufferedImage of(List<BufferedImage> panels, int columns, List<String> lines, Color ink) {
    int width = panels.get(0).getWidth();
    int height = panels.get(0).getHeight();
    int rows = (panels.size() + columns - 1) / columns;
    List<String> broken = broken(lines, columns * width - 2 * MARGIN);
    int lineHeight = PLAIN.getSize() + 5;
    BufferedImage sheet =
        new BufferedImage(
            columns * width,
            rows * height + broken.size() * lineHeight + MARGIN,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = graphics(sheet);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    for (int panel = 0; panel < panels.size(); panel++) {
      graphics.drawImage(
          panels.get(panel), panel % columns * width, panel / columns * height, null);
    }
    graphics.setColor(ink);
    for (int line = 0; line < broken.size(); line++) {
      graphics.drawString(broken.get(line), MARGIN, rows * height + (line + 1) * lineHeight);
    }
    graphics.dispose();
    return sheet;
  }

  /** At blanks, so that no line is wider than so many pixels; a long word stays whole. */
  private static List<String> broken(List<String> lines, int width) {
    Graphics2D graphics = graphics(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
    List<String> broken = new ArrayList<>();
    for (String line : lines) {
      String rest = "";
      for (String word : line.split(" ", -1)) {
        String longer = rest.isEmpty() ? word : rest + " " + word;
        if (!rest.isEmpty() && graphics.getFontMetrics().stringWidth(longer) > width) {
          broken.add(rest);
          rest = word;
        } else {
          rest = longer;
        }
      }
      broken.add(rest);
    }
    graphics.dispose();
    return broken;
  }

  private static Graphics2D graphics(BufferedImage image) {
    Graphics2D graphics = image.createGraphics();
    graphics.setFont(PLAIN);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    return graphics;
  }

  /** As PNG, in memory: else the encoder keeps a file of its own in the temporary folder. */
  static ByteArrayOutputStream png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IOException("this machine cannot encode PNG");
      }
    }
    return bytes;
  }
}
