package dev.sparsed.eval.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.bench.Spread;
import dev.sparsed.text.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A table of measurements.
 *
 * @param about what was measured and on what: model, machine, versions, settings
 * @param endOfText how end of text was treated
 * @param baseline the method that others are compared with
 * @param rows the measurements
 * @param cases how many there are to be; more than there are rows while the run goes on
 */
public record SpeedReport(
    ImmutableMap<String, String> about,
    String endOfText,
    String baseline,
    ImmutableList<SpeedRow> rows,
    int cases) {

  private static final double MEBIBYTE = 1 << 20;
  private static final String OUT_OF_MEMORY = "out_of_memory";

  /**
   * How many times as fast as the baseline a row is.
   *
   * @param row one of the rows
   * @return ratio of the tokens per second; empty if one of both was not measured
   */
  public OptionalDouble ratio(SpeedRow row) {
    Optional<SpeedRow.Measured> base = SpeedRow.baseline(rows, row, baseline);
    return row.measured().isPresent() && base.isPresent()
        ? OptionalDouble.of(
            row.measured().get().tokensPerSecond().median() / base.get().tokensPerSecond().median())
        : OptionalDouble.empty();
  }

  /**
   * The report for a terminal.
   *
   * @return a table with a line per row, and notes below
   */
  public String toText() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "method",
            "context",
            "tokens",
            "steps",
            "tokens/s",
            "min..max",
            "x " + baseline,
            "s/run",
            "ms/step by phase",
            "host MiB",
            "device MiB"));
    StringBuilder notes = new StringBuilder();
    for (SpeedRow row : rows) {
      lines.add(cells(row));
      if (!row.note().isEmpty()) {
        notes.append(row.speedCase().method()).append(" at ").append(row.speedCase().context());
        notes.append(": ").append(row.note()).append('\n');
      }
    }
    StringBuilder text = new StringBuilder();
    about.forEach(
        (name, value) -> text.append(name).append(": ").append(Quoted.line(value)).append('\n'));
    text.append('\n').append(aligned(lines)).append('\n');
    return text.append(notes).append(endOfText).append('\n').toString();
  }

  /**
   * One row in a few words.
   *
   * @param row the row
   * @return tokens per second and seconds per generation, or why there are none
   */
  public static String brief(SpeedRow row) {
    return row.measured()
        .map(
            measured ->
                number(measured.tokensPerSecond().median())
                    + " tokens/s, "
                    + number(measured.seconds().median())
                    + " s/run")
        .orElseGet(() -> "not possible: " + row.note());
  }

  private List<String> cells(SpeedRow row) {
    SpeedCase its = row.speedCase();
    List<String> cells = new ArrayList<>();
    cells.add(its.method());
    cells.add(Integer.toString(its.context()));
    cells.add(Integer.toString(its.generation()));
    cells.add(Integer.toString(its.steps()));
    if (row.measured().isEmpty()) {
      cells.addAll(List.of("-", "-", "-", "-", "not possible", "-", "-"));
      return cells;
    }
    SpeedRow.Measured measured = row.measured().get();
    Spread rate = measured.tokensPerSecond();
    cells.add(number(rate.median()));
    cells.add(number(rate.min()) + ".." + number(rate.max()));
    OptionalDouble ratio = ratio(row);
    cells.add(ratio.isPresent() ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble()) : "-");
    cells.add(number(measured.seconds().median()));
    List<String> phases = new ArrayList<>();
    measured
        .steps()
        .forEach(
            (phase, steps) -> phases.add(phase + " " + number(1000 * steps.seconds().median())));
    cells.add(String.join(", ", phases));
    cells.add(mebibytes(measured.hostPeakBytes()));
    cells.add(mebibytes(measured.devicePeakBytes()));
    return cells;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : value < 1000 ? "%.1f" : "%.0f", value);
  }

  private static String mebibytes(OptionalLong bytes) {
    return bytes.isPresent()
        ? String.format(Locale.ROOT, "%.0f", bytes.getAsLong() / MEBIBYTE)
        : "-";
  }

  /** Words to the left, numbers to the right. */
  private static String aligned(List<List<String>> lines) {
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], line.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        boolean words = column == 0 || column == 8;
        String cell = line.get(column);
        String blank = " ".repeat(widths[column] - cell.length());
        row.append(column == 0 ? "" : "  ").append(words ? cell + blank : blank + cell);
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /**
   * The report as JSON.
   *
   * @return {@code about}, {@code end_of_text}, {@code baseline}, {@code complete}, which is false
   *     where cases are missing, and {@code measurements}; times in seconds, memory in bytes, null
   *     where there is nothing
   */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ObjectNode facts = node.putObject("about");
    about.forEach(facts::put);
    node.put("end_of_text", endOfText);
    node.put("baseline", baseline);
    node.put("complete", rows.size() == cases);
    ArrayNode measurements = node.putArray("measurements");
    for (SpeedRow row : rows) {
      write(row, measurements.addObject());
    }
    return node;
  }

  private void write(SpeedRow row, ObjectNode node) {
    SpeedCase its = row.speedCase();
    node.put("method", its.method());
    node.put("context", its.context());
    node.put("generation", its.generation());
    node.put("steps", its.steps());
    node.put("possible", row.measured().isPresent());
    node.put(OUT_OF_MEMORY, row.outcome() == SpeedRow.Outcome.OUT_OF_MEMORY);
    node.put("note", row.note());
    if (row.measured().isEmpty()) {
      return;
    }
    SpeedRow.Measured measured = row.measured().get();
    node.put("runs", measured.seconds().count());
    write(measured.tokensPerSecond(), node.putObject("tokens_per_second"));
    write(measured.seconds(), node.putObject("seconds"));
    node.put("tokens", measured.tokens());
    node.put("positions", measured.positions());
    node.put("positions_per_second", measured.positions() / measured.seconds().median());
    node.put("forward_passes", measured.forwardPasses());
    put(node, "committed_tokens", measured.committedTokens());
    put(node, "ratio", ratio(row));
    ArrayNode phases = node.putArray("phases");
    for (Map.Entry<String, SpeedRow.Phase> entry : measured.steps().entrySet()) {
      ObjectNode phase = phases.addObject();
      phase.put("phase", entry.getKey());
      phase.put("steps", entry.getValue().stepsPerGeneration());
      write(entry.getValue().seconds(), phase.putObject("seconds_per_step"));
    }
    put(node, "host_peak_bytes", measured.hostPeakBytes());
    put(node, "device_peak_bytes", measured.devicePeakBytes());
  }

  /**
   * Whether a written report lacks a case for which the memory did not suffice.
   *
   * @param report what {@link #toJson} gave, or any other JSON
   * @return true if it does
   */
  public static boolean lacksMemory(JsonNode report) {
    for (JsonNode row : report.path("measurements")) {
      if (row.path(OUT_OF_MEMORY).asBoolean()) {
        return true;
      }
    }
    return false;
  }

  private static void write(Spread spread, ObjectNode node) {
    node.put("median", spread.median());
    node.put("min", spread.min());
    node.put("max", spread.max());
  }

  private static void put(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(name, value.getAsDouble());
    } else {
      node.putNull(name);
    }
  }

  private static void put(ObjectNode node, String name, OptionalLong value) {
    if (value.isPresent()) {
      node.put(name, value.getAsLong());
    } else {
      node.putNull(name);
    }
  }
}
