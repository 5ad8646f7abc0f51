package dev.sparsed.eval.speed;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.bench.Spread;
import java.util.Arrays;
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

  private static final String SAMPLING = "sampling ";
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
    return new SpeedTable(this).text();
  }

  /**
   * What a reader must know to compare these numbers with others: model and device, processor,
   * runs, and how tokens are chosen where that was asked for.
   *
   * @return a few lines; {@link #about} has everything
   */
  public ImmutableList<String> heading() {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.add(facts(", ", "model", "dtype", "device"));
    lines.add(facts("", "machine"));
    lines.add(facts("", "runs"));
    lines.add(
        about.entrySet().stream()
            .filter(fact -> fact.getKey().startsWith(SAMPLING))
            .filter(fact -> !fact.getValue().equals("default") && !fact.getValue().equals("false"))
            .map(fact -> fact.getKey().substring(SAMPLING.length()) + " " + fact.getValue())
            .collect(joining(", ")));
    return lines.build().stream()
        .filter(line -> !line.isEmpty())
        .collect(ImmutableList.toImmutableList());
  }

  private String facts(String separator, String... names) {
    return Arrays.stream(names)
        .filter(about::containsKey)
        .map(name -> name.equals("runs") ? "runs: " + about.get(name) : about.get(name))
        .collect(joining(separator));
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
                SpeedTable.number(measured.tokensPerSecond().median())
                    + " tokens/s, "
                    + SpeedTable.number(measured.seconds().median())
                    + " s/run")
        .orElseGet(() -> "not possible: " + row.note());
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
