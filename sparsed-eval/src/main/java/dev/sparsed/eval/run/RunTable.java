package dev.sparsed.eval.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.Metric;
import dev.sparsed.text.internal.Quoted;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Collects what the cells of a run file gave and writes it as a table. */
public final class RunTable {

  private static final double GIBIBYTE = 1L << 30;

  private static final String COUNTED =
      "Scores in percent. tokens/s counts tokens up to the end of text, that one included;"
          + " positions/s every generated position, as the papers' throughput does. Memory is the"
          + " most of the process, and of the graphics card where there is one.";

  private final RunFile file;
  private final Map<String, JsonNode> results = new HashMap<>();

  /**
   * An empty table.
   *
   * @param file the run file
   */
  public RunTable(RunFile file) {
    this.file = file;
  }

  /**
   * Fills a cell.
   *
   * @param row the row
   * @param column the column
   * @param result the summary of {@code eval accuracy}, the report of {@code eval speed} or the
   *     cells of {@code eval exam}
   */
  public void put(RunFile.Row row, RunFile.Column column, JsonNode result) {
    results.put(RunFile.fileName(row, column), result);
  }

  /**
   * The table in Markdown. A cell of {@code accuracy} holds the score in percent, tokens and
   * positions per second and peak memory; one of {@code speed} these and seconds per generation for
   * each of its lengths. A column of {@code exam} is a table of its own below: shares of right
   * answers by task.
   *
   * @return the table, with a column of the mean score if more than one column has scores, and a
   *     line that says what is counted
   */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder("## ").append(plain(file.title())).append("\n\n");
    ImmutableList<RunFile.Column> columns =
        file.columns().stream()
            .filter(column -> !isExam(column))
            .collect(ImmutableList.toImmutableList());
    if (!columns.isEmpty()) {
      text.append(table(columns));
    }
    boolean first = columns.isEmpty();
    for (RunFile.Column column : file.columns()) {
      if (isExam(column)) {
        text.append(first ? "" : "\n").append("### ").append(plain(column.name())).append("\n\n");
        text.append(ExamTable.of(file, row -> result(row, column)));
        first = false;
      }
    }
    return text.toString();
  }

  private static boolean isExam(RunFile.Column column) {
    return column.command().get(0).equals("exam");
  }

  private String table(ImmutableList<RunFile.Column> columns) {
    ImmutableList<RunFile.Column> scored =
        columns.stream().filter(this::isScored).collect(ImmutableList.toImmutableList());
    boolean averages = scored.size() > 1;
    StringBuilder text = new StringBuilder("|  |");
    columns.forEach(column -> text.append(' ').append(plain(column.name())).append(" |"));
    text.append(averages ? " Avg. |\n" : "\n").append("| --- |");
    text.append(" --- |".repeat(columns.size() + (averages ? 1 : 0))).append('\n');
    for (RunFile.Row row : file.rows()) {
      text.append("| ").append(plain(row.name())).append(" |");
      for (RunFile.Column column : columns) {
        text.append(' ').append(cell(row, column)).append(" |");
      }
      text.append(averages ? " " + average(row, scored) + " |" : "").append('\n');
    }
    return text.append('\n').append(COUNTED).append('\n').toString();
  }

  /**
   * Whether a column's cells have scores. What a cell gave decides; where none is there yet, what
   * the command asks for.
   */
  private boolean isScored(RunFile.Column column) {
    if (!column.command().get(0).equals("accuracy")) {
      return false;
    }
    ImmutableList<JsonNode> there =
        file.rows().stream()
            .map(row -> result(row, column))
            .filter(result -> result.has("groups"))
            .collect(ImmutableList.toImmutableList());
    return there.isEmpty()
        ? !column.command().contains(Metric.NONE.label())
        : there.stream().anyMatch(result -> result.path("average").isNumber());
  }

  /** The mean of the row's scores, once all of them are there. */
  private String average(RunFile.Row row, ImmutableList<RunFile.Column> scored) {
    double sum = 0;
    for (RunFile.Column column : scored) {
      JsonNode score = result(row, column).path("average");
      if (!score.isNumber()) {
        return "";
      }
      sum += score.doubleValue();
    }
    return number(sum / scored.size());
  }

  private JsonNode result(RunFile.Row row, RunFile.Column column) {
    return results.getOrDefault(
        RunFile.fileName(row, column), JsonNodeFactory.instance.objectNode());
  }

  private String cell(RunFile.Row row, RunFile.Column column) {
    JsonNode result = result(row, column);
    return result.has("measurements") ? speed(result) : accuracy(result);
  }

  /** A name that can end neither its cell nor its line. */
  static String plain(String name) {
    return Quoted.line(name).replace("|", "\\|");
  }

  private static String accuracy(JsonNode result) {
    if (!result.has("groups")) {
      return "";
    }
    ImmutableList.Builder<String> parts = ImmutableList.builder();
    parts.add(
        result.path("average").isNumber()
            ? number(result.path("average").doubleValue())
            : "not scored");
    JsonNode speed = result.path("speed");
    add(parts, speed.path("tokens_per_second"), 1, " tokens/s");
    add(parts, speed.path("positions_per_second"), 1, " positions/s");
    memory(parts, speed);
    return String.join("<br>", parts.build());
  }

  private static String speed(JsonNode result) {
    ImmutableList.Builder<String> parts = ImmutableList.builder();
    boolean several = result.path("measurements").size() > 1;
    for (JsonNode row : result.path("measurements")) {
      String lengths =
          several
              ? row.path("context").asText() + "+" + row.path("generation").asText() + ": "
              : "";
      if (!row.path("possible").asBoolean()) {
        boolean memory = row.path("out_of_memory").asBoolean();
        parts.add(lengths + (memory ? "out of memory" : "not possible"));
        continue;
      }
      ImmutableList.Builder<String> values = ImmutableList.builder();
      add(values, row.path("tokens_per_second").path("median"), 1, " tokens/s");
      add(values, row.path("positions_per_second"), 1, " positions/s");
      add(values, row.path("seconds").path("median"), 1, " s");
      memory(values, row);
      parts.add(lengths + String.join(", ", values.build()));
    }
    return String.join("<br>", parts.build());
  }

  private static void memory(ImmutableList.Builder<String> parts, JsonNode measured) {
    add(parts, measured.path("device_peak_bytes"), GIBIBYTE, " GiB on the device");
    add(parts, measured.path("host_peak_bytes"), GIBIBYTE, " GiB");
  }

  private static void add(
      ImmutableList.Builder<String> parts, JsonNode value, double unit, String name) {
    if (value.isNumber()) {
      parts.add(number(value.doubleValue() / unit) + name);
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /**
   * The table as JSON.
   *
   * @return {@code title} and {@code cells}: row, column and the cell's whole result
   */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("title", file.title());
    ArrayNode cells = node.putArray("cells");
    for (RunFile.Row row : file.rows()) {
      for (RunFile.Column column : file.columns()) {
        ObjectNode cell = cells.addObject();
        cell.put("row", row.name());
        cell.put("column", column.name());
        cell.set("result", result(row, column));
      }
    }
    return node;
  }
}
