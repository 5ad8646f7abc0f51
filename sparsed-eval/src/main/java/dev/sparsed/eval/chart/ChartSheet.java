package dev.sparsed.eval.chart;

import dev.sparsed.internal.WholeFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Puts charts of one size and the lines below them into one picture. */
public final class ChartSheet {

  // A bare machine has neither a display nor, sometimes, the libraries behind fonts. Said before
  // the first colour is made, which asks for it once and for all.
  static {
    System.setProperty("java.awt.headless", "true");
  }

  /** Okabe and Ito's palette, which colour-blind readers can tell apart. */
  public static final List<Color> COLOURS =
      List.of(
          new Color(0x0072B2),
          new Color(0xE69F00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0x56B4E9),
          new Color(0xD55E00),
          new Color(0xF0E442),
          new Color(0x332288),
          new Color(0x882255));

  /** What others are compared with. */
  public static final Color BASELINE = new Color(0x9A9A9A);

  /** Lines of the grid. */
  public static final Color GRID = new Color(0xE2E2E2);

  /** Letters, and lines on bars. */
  public static final Color INK = new Color(0x333333);

  private static final int MARGIN = 16;
  private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  private ChartSheet() {}

  /**
   * Writes charts as one picture: row by row, then the lines, broken where they are too long.
   *
   * @param file the PNG file to write
   * @param columns the most charts side by side, at least 1
   * @param charts draws the charts
   * @param lines what stands below them
   * @throws IOException if there is no chart, the file cannot be written, or the machine has no
   *     fonts to draw with
   */
  public static void write(
      Path file,
      int columns,
      Supplier<? extends List<? extends Chart<?, ?>>> charts,
      List<String> lines)
      throws IOException {
    try {
      List<BufferedImage> panels =
          charts.get().stream().map(BitmapEncoder::getBufferedImage).toList();
      if (panels.isEmpty()) {
        throw new IOException("there is nothing to draw");
      }
      BufferedImage sheet = sheet(panels, Math.min(columns, panels.size()), lines);
      WholeFile.write(file, png(sheet)::writeTo);
    } catch (LinkageError | InternalError e) {
      throw new IOException("this machine cannot draw: " + e.getMessage(), e);
    }
  }

  /**
   * Gives a chart the look of all: white, with plain letters and a legend below.
   *
   * @param chart the chart
   */
  public static void style(AxesChartStyler chart) {
    chart
        .setAxisTitleFont(PLAIN)
        .setAxisTickLabelsFont(PLAIN)
        .setPlotGridLinesColor(GRID)
        .setPlotGridVerticalLinesVisible(false)
        .setPlotTicksMarksVisible(false)
        .setAxisTicksMarksVisible(false)
        .setYAxisMin(0.0)
        .setLocale(Locale.ROOT);
    chart
        .setPlotBorderVisible(false)
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBackgroundColor(Color.WHITE)
        .setChartFontColor(INK)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16))
        .setLegendFont(PLAIN)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setLegendBorderColor(Color.WHITE)
        .setAnnotationTextFont(PLAIN);
  }

  private static BufferedImage sheet(List<BufferedImage> panels, int columns, List<String> lines) {
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
    graphics.setColor(INK);
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
  private static ByteArrayOutputStream png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IOException("this machine cannot encode PNG");
      }
    }
    return bytes;
  }
}
