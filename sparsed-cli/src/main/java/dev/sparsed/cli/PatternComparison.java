package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table of shares: how much patterns agree, as Jaccard indices, the blocks that both read over
 * those that either reads; or how much of the attention they hold.
 *
 * @param heading what is compared with what
 * @param corner what the rows are
 * @param columns names of the columns
 * @param rows names and numbers of the rows, 0 to 1
 * @param note what the numbers are to be held against
 */
record PatternComparison(
    String heading,
    String corner,
    ImmutableList<String> columns,
    ImmutableList<Row> rows,
    String note) {

  /** Columns of heads that fit a line. */
  private static final int MOST_HEADS = 14;

  private static final String SAME =
      "Both chose the same blocks: the next seed changes nothing where the model decodes at"
          + " temperature 0.\nPatterns of another prompt are compared by --with and their file.";

  /** One line of the table. */
  record Row(String name, ImmutableList<Double> overlaps) {}

  /** The heads of a layer with each other; where they are many, with the nearest and all. */
  static PatternComparison ofHeads(int layer, SparsePattern pattern) {
    int heads = pattern.grid().heads();
    List<SparsePattern> each =
        IntStream.range(0, heads).mapToObj(pattern::head).collect(ImmutableList.toImmutableList());
    boolean all = heads <= MOST_HEADS;
    ImmutableList<String> columns =
        all
            ? names(heads, Integer::toString)
            : ImmutableList.of("least", "mean", "most", "with head");
    ImmutableList.Builder<Row> rows = ImmutableList.builder();
    for (int head = 0; head < heads; head++) {
      SparsePattern one = each.get(head);
      List<Double> overlaps = each.stream().map(one::overlap).toList();
      rows.add(
          new Row(
              Integer.toString(head),
              all ? ImmutableList.copyOf(overlaps) : summary(head, overlaps)));
    }
    String heading = "Overlap of the heads of layer " + layer;
    return new PatternComparison(heading, "head", columns, rows.build(), chance(pattern));
  }

  /** Least, mean and largest overlap with another head, and which that is. */
  private static ImmutableList<Double> summary(int head, List<Double> overlaps) {
    double least = 1;
    double sum = 0;
    int most = head == 0 ? 1 : 0;
    for (int other = 0; other < overlaps.size(); other++) {
      if (other != head) {
        least = Math.min(least, overlaps.get(other));
        sum += overlaps.get(other);
        most = overlaps.get(other) > overlaps.get(most) ? other : most;
      }
    }
    return ImmutableList.of(least, sum / (overlaps.size() - 1), overlaps.get(most), (double) most);
  }

  /** The patterns that other steps would have chosen with those of the kept step. */
  static PatternComparison ofSteps(PatternRun run) {
    ImmutableList.Builder<Row> rows = ImmutableList.builder();
    for (int layer : run.layers().keySet()) {
      SparsePattern kept = run.layer(layer);
      ImmutableList.Builder<Double> overlaps = ImmutableList.builder();
      run.steps().values().forEach(of -> overlaps.add(overlap(kept, of.get(layer))));
      rows.add(new Row(Integer.toString(layer), overlaps.build()));
    }
    ImmutableList<String> columns =
        run.steps().keySet().stream()
            .map(step -> "step " + step)
            .collect(ImmutableList.toImmutableList());
    return new PatternComparison(
        "Overlap with the patterns of step " + run.keptStep() + ", which SparseD keeps",
        "layer",
        columns,
        rows.build(),
        chance(run.first()));
  }

  /** The patterns of two runs, layer by layer, of all heads and of the least and most alike one. */
  static PatternComparison ofRuns(PatternRun run, PatternRun other) {
    ImmutableList.Builder<Row> rows = ImmutableList.builder();
    for (int layer : run.layers().keySet()) {
      SparsePattern a = run.layer(layer);
      SparsePattern b = other.layers().get(layer);
      if (b == null || !a.grid().equals(b.grid())) {
        throw new BadUseException(
            String.format(
                Locale.ROOT,
                "layer %d of %s and %s cannot be compared: %s and %s",
                layer,
                run.name(),
                other.name(),
                a.grid(),
                b == null ? "no such layer" : b.grid()));
      }
      List<Double> heads = new ArrayList<>();
      for (int head = 0; head < a.grid().heads(); head++) {
        heads.add(a.head(head).overlap(b.head(head)));
      }
      double least = heads.stream().mapToDouble(Double::doubleValue).min().orElse(0);
      double most = heads.stream().mapToDouble(Double::doubleValue).max().orElse(0);
      rows.add(new Row(Integer.toString(layer), ImmutableList.of(a.overlap(b), least, most)));
    }
    return new PatternComparison(
        "Overlap of " + run.name() + " with " + other.name(),
        "layer",
        ImmutableList.of("all heads", "least head", "most head"),
        rows.build(),
        run.layers().equals(other.layers()) ? SAME : chance(run.first()));
  }

  /** What the blocks of every share hold, a table per layer. */
  static ImmutableList<PatternComparison> ofMass(AttentionMass mass) {
    ImmutableList<String> columns =
        mass.shares().stream()
            .map(share -> String.format(Locale.ROOT, "%.2f", share))
            .collect(ImmutableList.toImmutableList());
    return mass.heads().stream()
        .map(AttentionMass.Head::layer)
        .distinct()
        .map(
            layer -> {
              ImmutableList.Builder<Row> rows = ImmutableList.builder();
              for (AttentionMass.Head head : mass.heads()) {
                if (head.layer() == layer) {
                  rows.add(new Row(Integer.toString(head.head()), head.selected()));
                  rows.add(new Row("near", head.nearest()));
                }
              }
              rows.add(new Row("random", mass.densities()));
              return new PatternComparison(
                  "Share of the attention of layer " + layer + " that blocks hold, by select",
                  "head",
                  columns,
                  rows.build(),
                  "Of each head: the selected blocks; near: as many around the query's own; random:"
                      + " as many at random.");
            })
        .collect(ImmutableList.toImmutableList());
  }

  private static double overlap(SparsePattern kept, @Nullable SparsePattern other) {
    return other == null ? Double.NaN : kept.overlap(other);
  }

  /** Of two patterns with random blocks: d * d are in both, 2d - d * d in either. */
  private static String chance(SparsePattern pattern) {
    double density = pattern.density();
    return String.format(
        Locale.ROOT,
        "Two patterns of as many random blocks would overlap by %.0f%%.",
        100 * density / (2 - density));
  }

  private static ImmutableList<String> names(int count, IntFunction<String> name) {
    return IntStream.range(0, count).mapToObj(name).collect(ImmutableList.toImmutableList());
  }

  /** The table for a terminal. */
  String text() {
    StringBuilder text = new StringBuilder(heading).append(":\n").append(pad(corner, 6));
    columns.forEach(column -> text.append(pad(column, width(column))));
    text.append('\n');
    for (Row row : rows) {
      text.append(pad(row.name(), 6));
      for (int column = 0; column < columns.size(); column++) {
        String name = columns.get(column);
        text.append(pad(cell(name, row.overlaps().get(column)), width(name)));
      }
      text.append('\n');
    }
    return text.append(note).append('\n').toString();
  }

  private static String cell(String column, double value) {
    return column.equals("with head")
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.0f%%", 100 * value);
  }

  private static int width(String column) {
    return Math.max(5, column.length()) + 1;
  }

  private static String pad(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  /** The same as JSON. */
  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("compared", heading);
    node.put("note", note);
    ArrayNode lines = node.putArray("rows");
    for (Row row : rows) {
      ObjectNode line = lines.addObject().put(corner, row.name());
      for (int column = 0; column < columns.size(); column++) {
        line.put(columns.get(column), row.overlaps().get(column));
      }
    }
    return node;
  }
}
