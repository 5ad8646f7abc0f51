package dev.sparsed.cli;

import dev.sparsed.eval.chart.ChartSheet;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws {@link AttentionMass}: a panel per layer, a colour per head; what the selected blocks hold
 * as a whole line, what as many near ones hold as a broken one, what random ones hold in grey.
 */
final class MassChart {

  private static final int COLUMNS = 4;
  private static final int WIDTH = 330;
  private static final int HEIGHT = 320;
  private static final float THICKNESS = 2;

  /** Of more heads the legend would be wider than the panel. */
  private static final int MOST_NAMED = 4;

  private static final List<String> LINES =
      List.of(
          "Share of the attention that blocks hold, by the share of blocks that is asked for (select)."
              + " Whole lines: selected blocks, a colour per head; broken lines: as many around the"
              + " query's own; grey: as many at random.");

  private MassChart() {}

  /**
   * Writes the picture as PNG.
   *
   * @throws IOException if it cannot be written, there is no head, or the machine has no fonts
   */
  static void write(AttentionMass mass, Path file) throws IOException {
    ChartSheet.write(file, COLUMNS, () -> panels(mass), LINES);
  }

  private static List<XYChart> panels(AttentionMass mass) {
    return mass.heads().stream()
        .map(AttentionMass.Head::layer)
        .distinct()
        .map(layer -> panel(mass, layer))
        .toList();
  }

  private static XYChart panel(AttentionMass mass, int layer) {
    XYChart chart =
        new XYChartBuilder().width(WIDTH).height(HEIGHT).title("layer " + layer).build();
    ChartSheet.style(chart.getStyler());
    chart
        .getStyler()
        .setLegendVisible(mass.heads().stream().allMatch(head -> head.head() < MOST_NAMED))
        .setLegendSeriesLineLength(12)
        .setLegendPadding(4);
    chart
        .getStyler()
        .setYAxisMax(100.0)
        .setXAxisMin(0.0)
        .setXAxisMax(mass.shares().get(mass.shares().size() - 1))
        .setXAxisTickMarkSpacingHint(40);
    chart.getStyler().setxAxisTickLabelsFormattingFunction(MassChart::share);
    chart.getStyler().setyAxisTickLabelsFormattingFunction(percent -> Math.round(percent) + " %");
    add(chart, mass, "random", mass.densities(), ChartSheet.BASELINE, SeriesLines.DASH_DASH);
    for (AttentionMass.Head head : mass.heads()) {
      if (head.layer() == layer) {
        Color colour = ChartSheet.COLOURS.get(head.head() % ChartSheet.COLOURS.size());
        String name = "head " + head.head();
        add(chart, mass, name + " near", head.nearest(), colour, SeriesLines.DOT_DOT)
            .setShowInLegend(false);
        add(chart, mass, name, head.selected(), colour, SeriesLines.SOLID);
      }
    }
    return chart;
  }

  private static XYSeries add(
      XYChart chart,
      AttentionMass mass,
      String name,
      List<Double> held,
      Color colour,
      BasicStroke line) {
    List<Double> percent = held.stream().map(share -> 100 * share).toList();
    XYSeries series = chart.addSeries(name, mass.shares(), percent);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineStyle(line);
    series.setLineWidth(THICKNESS);
    series.setLineColor(colour);
    return series;
  }

  private static String share(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
