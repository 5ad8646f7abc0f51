package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;

/**
 * Draws {@link AttentionMass} as SVG: a panel per layer, a colour per head; what the selected
 * blocks hold as a line, what as many near ones hold as dots, and what as many random ones hold as
 * dashes.
 */
final class MassChart {

  private static final int COLUMNS = 4;
  private static final int PANEL = 190;
  private static final int GAP = 24;
  private static final int LEFT = 46;
  private static final int TOP = 50;
  private static final int BELOW = 58;
  private static final ImmutableList<String> COLOURS =
      ImmutableList.of("#1b6ca8", "#c8501e", "#2e8540", "#8a3ffc", "#9f1853", "#6f6f6f");

  private final AttentionMass mass;
  private final ImmutableList<Integer> layers;
  private final double most;
  private final StringBuilder svg = new StringBuilder();

  private MassChart(AttentionMass mass) {
    this.mass = mass;
    this.layers =
        mass.heads().stream()
            .map(AttentionMass.Head::layer)
            .distinct()
            .collect(ImmutableList.toImmutableList());
    this.most = mass.shares().get(mass.shares().size() - 1);
  }

  /** The picture of what at least one head holds. */
  static String svg(AttentionMass mass) {
    return new MassChart(mass).draw();
  }

  private String draw() {
    int across = Math.min(COLUMNS, layers.size());
    int down = (layers.size() + COLUMNS - 1) / COLUMNS;
    int width = LEFT + across * (PANEL + GAP);
    int height = TOP + down * (PANEL + BELOW);
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">",
        width, height, width, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", width, height);
    text(
        LEFT,
        20,
        "start",
        "Share of the attention that blocks hold, by the share of blocks that is asked for (select)");
    text(
        LEFT,
        36,
        "start",
        "lines: selected; dots: as many around the query's own; dashes: as many at random; a colour"
            + " per head");
    for (int index = 0; index < layers.size(); index++) {
      panel(
          layers.get(index),
          LEFT + index % COLUMNS * (PANEL + GAP),
          TOP + index / COLUMNS * (PANEL + BELOW));
    }
    return svg.append("</svg>\n").toString();
  }

  private void panel(int layer, int x, int y) {
    for (int percent = 0; percent <= 100; percent += 25) {
      double at = y + PANEL * (1 - percent / 100.0);
      add("<path d=\"M%d %.1fh%d\" stroke=\"#ddd\" fill=\"none\"/>", x, at, PANEL);
      if (x == LEFT) {
        text(x - 6, at + 4, "end", percent + " %");
      }
    }
    for (double share : mass.shares()) {
      if (Math.round(share * 100) % 10 == 0) {
        text(x + PANEL * share / most, y + PANEL + 16, "middle", number(share));
      }
    }
    text(x + PANEL / 2.0, y + PANEL + 34, "middle", "layer " + layer);
    line(x, y, mass.densities(), "#888", "6 4");
    for (AttentionMass.Head head : mass.heads()) {
      if (head.layer() == layer) {
        String colour = COLOURS.get(head.head() % COLOURS.size());
        line(x, y, head.nearest(), colour, "1 4");
        line(x, y, head.selected(), colour, "none");
      }
    }
  }

  private void line(int x, int y, List<Double> held, String colour, String dashes) {
    StringBuilder points = new StringBuilder();
    for (int share = 0; share < held.size(); share++) {
      points.append(
          String.format(
              Locale.ROOT,
              " %.1f,%.1f",
              x + PANEL * mass.shares().get(share) / most,
              y + PANEL * (1 - held.get(share))));
    }
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\""
            + " stroke-linecap=\"round\" stroke-dasharray=\"%s\"/>",
        points.substring(1), colour, dashes);
  }

  private void text(double x, double y, String anchor, String text) {
    add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
  }

  private static String number(double share) {
    return String.format(Locale.ROOT, "%.1f", share);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
