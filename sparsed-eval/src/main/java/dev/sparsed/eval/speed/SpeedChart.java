package dev.sparsed.eval.speed;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.bench.Spread;
import dev.sparsed.eval.chart.ChartSheet;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;

/**
 * Draws a report: for each generation length one panel of tokens per second and one of the ratio to
 * the baseline, bars grouped by context length, a colour per method; below them model, machine and
 * runs.
 */
public final class SpeedChart {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 470;

  private static final String BARS =
      "Bars are medians; the lines on them reach as far as the run that is farthest away, for ratios"
          + " that of both methods.";

  private final SpeedReport report;
  private final ImmutableList<String> methods;

  private SpeedChart(SpeedReport report) {
    this.report = report;
    Set<String> names = new LinkedHashSet<>();
    report.rows().stream()
        .filter(row -> row.measured().isPresent())
        .forEach(row -> names.add(row.speedCase().method()));
    this.methods = ImmutableList.copyOf(names);
  }

  /**
   * Writes a report as a picture.
   *
   * @param report the report, with at least one case that was possible
   * @param file the PNG file to write
   * @throws IOException if it cannot be written, or the machine has no fonts to draw with
   */
  public static void write(SpeedReport report, Path file) throws IOException {
    if (report.rows().stream().allMatch(row -> row.measured().isEmpty())) {
      throw new IOException("there is nothing to draw: no case was possible");
    }
    ImmutableList<String> lines =
        ImmutableList.<String>builder().addAll(report.heading()).add(BARS).build();
    ChartSheet.write(file, 2, () -> new SpeedChart(report).panels(), lines);
  }

  private List<CategoryChart> panels() {
    Set<Integer> generations = new LinkedHashSet<>();
    report.rows().stream()
        .filter(row -> row.measured().isPresent())
        .forEach(row -> generations.add(row.speedCase().generation()));
    boolean compares = methods.size() > 1 && methods.contains(report.baseline());
    List<CategoryChart> panels = new ArrayList<>();
    for (int generation : generations) {
      panels.add(panel(generation, "Tokens per second", false));
      if (compares) {
        panels.add(panel(generation, "Times as fast as " + report.baseline(), true));
      }
    }
    return panels;
  }

  private CategoryChart panel(int generation, String quantity, boolean ratio) {
    List<SpeedRow> rows =
        report.rows().stream().filter(r -> r.speedCase().generation() == generation).toList();
    List<Integer> contexts =
        rows.stream().map(row -> row.speedCase().context()).distinct().sorted().toList();
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(quantity + ", " + generation + " tokens generated")
            .xAxisTitle("Prompt length in tokens")
            .yAxisTitle(quantity)
            .build();
    style(chart);
    List<String> names = contexts.stream().map(SpeedChart::length).toList();
    for (String method : methods) {
      List<Double> values = new ArrayList<>();
      List<Double> errors = new ArrayList<>();
      for (int context : contexts) {
        values.add(value(rows, method, context, ratio));
        errors.add(values.get(values.size() - 1) * error(rows, method, context, ratio));
      }
      CategorySeries series = chart.addSeries(method, names, values, errors);
      series.setFillColor(colour(method));
      series.setLineStyle(new BasicStroke(0));
    }
    return chart;
  }

  private double value(List<SpeedRow> rows, String method, int context, boolean ratio) {
    return row(rows, method, context)
        .map(
            row ->
                ratio
                    ? report.ratio(row).orElse(0)
                    : row.measured().orElseThrow().tokensPerSecond().median())
        .orElse(0.0);
  }

  /** How far the runs go from the median, as a share of it. */
  private double error(List<SpeedRow> rows, String method, int context, boolean ratio) {
    double own = row(rows, method, context).map(SpeedChart::error).orElse(0.0);
    if (!ratio || method.equals(report.baseline())) {
      return ratio ? 0 : own;
    }
    return own + row(rows, report.baseline(), context).map(SpeedChart::error).orElse(0.0);
  }

  private static double error(SpeedRow row) {
    Spread rate = row.measured().orElseThrow().tokensPerSecond();
    return Math.max(rate.max() - rate.median(), rate.median() - rate.min()) / rate.median();
  }

  private static Optional<SpeedRow> row(List<SpeedRow> rows, String method, int context) {
    return rows.stream()
        .filter(row -> row.measured().isPresent())
        .filter(row -> row.speedCase().method().equals(method))
        .filter(row -> row.speedCase().context() == context)
        .findFirst();
  }

  private Color colour(String method) {
    if (method.equals(report.baseline())) {
      return ChartSheet.BASELINE;
    }
    int index = methods.indexOf(method);
    int base = methods.indexOf(report.baseline());
    int own = base >= 0 && base < index ? index - 1 : index;
    return ChartSheet.COLOURS.get(own % ChartSheet.COLOURS.size());
  }

  private static void style(CategoryChart chart) {
    ChartSheet.style(chart.getStyler());
    chart
        .getStyler()
        .setAvailableSpaceFill(0.85)
        .setOverlapped(false)
        .setLabelsVisible(true)
        .setLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11))
        .setLabelsPosition(0.5)
        .setLabelsFontColor(ChartSheet.INK);
    chart.getStyler().setErrorBarsColor(ChartSheet.INK);
    chart.getStyler().setyAxisTickLabelsFormattingFunction(SpeedChart::shown);
  }

  private static String shown(double value) {
    if (value >= 100 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, value < 1 ? "%.2f" : "%.1f", value);
  }

  private static String length(int tokens) {
    return tokens % 1024 == 0 ? tokens / 1024 + "k" : Integer.toString(tokens);
  }
}
