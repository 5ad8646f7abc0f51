package dev.sparsed.examples.eval.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Collects what the cells of a run file gave and writes it as a table. */
public final class RunTable {

  private static final double GIBIBYTE = 1L << 30;

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
   * @param result the summary of {@code eval accuracy} or the report of {@code eval speed}
   */
  public void put(RunFile.Row row, RunFile.Column column, JsonNode result) {
    results.put(RunFile.fileName(row, column), result);
  }

  /**
   * The table in Markdown. A cell of {@code accuracy} holds the score in percent, tokens per second
   * and peak memory; one of {@code speed} tokens per second, seconds per generation and peak memory
   * for each of its lengths.
   *
   * @return the table, with a column of the mean score if more than one column has scores
   */
  public String toMarkdown() {
    boolean averages = scoreColumns() > 1;
    StringBuilder text = new StringBuilder("## ").append(file.title()).append("\n\n|  |");
    file.columns().forEach(column -> text.append(' ').append(column.name()).append(" |"));
    text.append(averages ? " Avg. |\n" : "\n").append("| --- |");
    text.append(" --- |".repeat(file.columns().size() + (averages ? 1 : 0))).append('\n');
    for (RunFile.Row row : file.rows()) {
      text.append("| ").append(row.name()).append(" |");
      for (RunFile.Column column : file.columns()) {
        text.append(' ').append(cell(row, column)).append(" |");
      }
      text.append(averages ? " " + average(row) + " |" : "").append('\n');
    }
    return text.toString();
  }

  private long scoreColumns() {
    return file.columns().stream().filter(c -> c.command().get(0).equals("accuracy")).count();
  }

  private String average(RunFile.Row row) {
    double sum = 0;
    int count = 0;
    for (RunFile.Column column : file.columns()) {
      JsonNode score = result(row, column).path("average");
      if (score.isNumber()) {
        sum += score.doubleValue();
        count++;
      }
    }
    return count == scoreColumns() ? number(sum / count) : "";
  }

  private JsonNode result(RunFile.Row row, RunFile.Column column) {
    return results.getOrDefault(
        RunFile.fileName(row, column), JsonNodeFactory.instance.objectNode());
  }

  private String cell(RunFile.Row row, RunFile.Column column) {
    JsonNode result = result(row, column);
    return result.has("measurements") ? speed(result) : accuracy(result);
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
    add(parts, result.path("speed").path("tokens_per_second"), 1, " tokens/s");
    add(parts, result.path("speed").path("host_peak_bytes"), GIBIBYTE, " GiB");
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
        parts.add(lengths + "not possible");
        continue;
      }
      ImmutableList.Builder<String> values = ImmutableList.builder();
      add(values, row.path("tokens_per_second").path("median"), 1, " tokens/s");
      add(values, row.path("seconds").path("median"), 1, " s");
      JsonNode device = row.path("device_peak_bytes");
      add(values, device.isNumber() ? device : row.path("host_peak_bytes"), GIBIBYTE, " GiB");
      parts.add(lengths + String.join(", ", values.build()));
    }
    return String.join("<br>", parts.build());
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
