package dev.sparsed.examples.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an attention benchmark found.
 *
 * @param setup what was measured
 * @param density share of query-key pairs that sparse attention computed, 0 to 1
 * @param measurements all times
 * @param absent why a backend could not take part, by its name
 */
public record AttentionReport(
    AttentionSetup setup,
    double density,
    List<Measurement> measurements,
    Map<String, String> absent) {

  /**
   * How much faster sparse attention would be if it cost in proportion to its work.
   *
   * @return {@code 1 / density}
   */
  public double idealSpeedup() {
    return 1 / density;
  }

  /**
   * The report as JSON.
   *
   * @return one object with {@code shape}, {@code dtype}, {@code density}, {@code ideal_speedup},
   *     {@code machine}, {@code versions}, {@code measurements} and {@code absent}
   */
  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.set("shape", setup.json());
    root.put("dtype", setup.precision().name().toLowerCase(Locale.ROOT));
    root.put("density", density);
    root.put("ideal_speedup", idealSpeedup());
    ObjectNode machine = root.putObject("machine");
    Environment.machine().forEach(machine::putPOJO);
    ObjectNode versions = root.putObject("versions");
    Environment.versions().forEach(versions::put);
    ArrayNode list = root.putArray("measurements");
    measurements.forEach(measurement -> list.add(measurement.json()));
    ObjectNode missing = root.putObject("absent");
    absent.forEach(missing::put);
    return root;
  }

  /**
   * Prints a table. Speed-ups are against the first backend's full attention.
   *
   * @param out gets the table
   */
  public void print(PrintWriter out) {
    double reference = measurements.get(0).times().median();
    out.printf(
        Locale.ROOT,
        "%s %s, density %.3f, ideal speed-up %.2fx%n",
        setup.json(),
        setup.precision().name().toLowerCase(Locale.ROOT),
        density,
        idealSpeedup());
    out.printf(
        "%-14s %11s %11s %11s %10s %9s%n",
        "", "median ms", "min ms", "max ms", "GFLOP/s", "speed-up");
    for (Measurement measurement : measurements) {
      Times times = measurement.times();
      out.printf(
          Locale.ROOT,
          "%-14s %11.3f %11.3f %11.3f %10.1f %8.2fx%n",
          measurement.name(),
          1e3 * times.median(),
          1e3 * times.min(),
          1e3 * times.max(),
          measurement.gflops(),
          reference / times.median());
    }
    absent.forEach((name, reason) -> out.printf("%s was not measured: %s%n", name, reason));
    out.flush();
  }
}
