package dev.sparsed.eval.speed;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.bench.Spread;
import dev.sparsed.text.internal.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** A report for a terminal: what was measured on what, a table, and notes below. */
final class SpeedTable {

  /** Columns of a terminal that the table does not go beyond. */
  private static final int WIDTH = 100;

  private static final double MEBIBYTE = 1 << 20;

  private final SpeedReport report;
  private final boolean hasDevice;

  SpeedTable(SpeedReport report) {
    this.report = report;
    this.hasDevice =
        report.rows().stream()
            .flatMap(row -> row.measured().stream())
            .anyMatch(measured -> measured.devicePeakBytes().isPresent());
  }

  String text() {
    StringBuilder text = new StringBuilder();
    report.heading().forEach(line -> text.append(Quoted.line(line)).append('\n'));
    text.append('\n').append(table()).append('\n');
    report.rows().forEach(row -> text.append(phases(row)));
    for (SpeedRow row : report.rows()) {
      if (!row.note().isEmpty()) {
        text.append(name(row)).append(": ").append(Quoted.line(row.note())).append('\n');
      }
    }
    return text.append(
            wrapped(
                "ratio: tokens per second against "
                    + report.baseline()
                    + ". "
                    + report.endOfText()
                    + " --json and --out give all settings."))
        .toString();
  }

  private static String wrapped(String sentences) {
    StringBuilder text = new StringBuilder();
    int used = 0;
    for (String word : sentences.split(" ", -1)) {
      boolean breaks = used > 0 && used + 1 + word.length() > WIDTH;
      text.append(breaks ? "\n" : used > 0 ? " " : "").append(word);
      used = breaks ? word.length() : used + (used > 0 ? 1 : 0) + word.length();
    }
    return text.append('\n').toString();
  }

  private String table() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        line(
            ImmutableList.of(
                "method", "prompt", "tokens", "steps", "tokens/s", "min..max", "ratio", "s/run"),
            "MiB",
            "card MiB"));
    report.rows().forEach(row -> lines.add(cells(row)));
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], line.get(column).length());
      }
    }
    int numbers = 0;
    for (int column = 1; column < widths.length; column++) {
      numbers += 2 + widths[column];
    }
    // Long names stand on lines of their own, so that no line is broken by the terminal.
    boolean own = widths[0] + numbers > WIDTH;
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      text.append(own ? line.get(0) : padded(line.get(0), widths[0], true)).append(own ? "\n" : "");
      StringBuilder rest = new StringBuilder();
      for (int column = 1; column < widths.length; column++) {
        rest.append("  ").append(padded(line.get(column), widths[column], false));
      }
      text.append(rest.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** Words to the left, numbers to the right. */
  private static String padded(String cell, int width, boolean words) {
    String blank = " ".repeat(width - cell.length());
    return words ? cell + blank : blank + cell;
  }

  private List<String> line(List<String> cells, String host, String device) {
    List<String> line = new ArrayList<>(cells);
    line.add(host);
    if (hasDevice) {
      line.add(device);
    }
    return line;
  }

  private List<String> cells(SpeedRow row) {
    SpeedCase its = row.speedCase();
    List<String> cells = new ArrayList<>();
    cells.add(its.method());
    cells.add(Integer.toString(its.context()));
    cells.add(Integer.toString(its.generation()));
    cells.add(Integer.toString(its.steps()));
    if (row.measured().isEmpty()) {
      cells.addAll(List.of("not", "possible", "-", "-"));
      return line(cells, "-", "-");
    }
    SpeedRow.Measured measured = row.measured().get();
    Spread rate = measured.tokensPerSecond();
    OptionalDouble ratio = report.ratio(row);
    cells.add(number(rate.median()));
    cells.add(number(rate.min()) + ".." + number(rate.max()));
    cells.add(ratio.isPresent() ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble()) : "-");
    cells.add(number(measured.seconds().median()));
    return line(cells, mebibytes(measured.hostPeakBytes()), mebibytes(measured.devicePeakBytes()));
  }

  private static String phases(SpeedRow row) {
    StringBuilder text = new StringBuilder();
    row.measured()
        .ifPresent(
            measured -> {
              String separator = name(row) + ", ms per step: ";
              for (var phase : measured.steps().entrySet()) {
                text.append(separator).append(phase.getKey()).append(' ');
                text.append(number(1000 * phase.getValue().seconds().median()));
                separator = ", ";
              }
            });
    return text.isEmpty() ? "" : text.append('\n').toString();
  }

  private static String name(SpeedRow row) {
    return row.speedCase().method() + " at " + row.speedCase().context();
  }

  static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : value < 1000 ? "%.1f" : "%.0f", value);
  }

  private static String mebibytes(OptionalLong bytes) {
    return bytes.isPresent()
        ? String.format(Locale.ROOT, "%.0f", bytes.getAsLong() / MEBIBYTE)
        : "-";
  }
}
