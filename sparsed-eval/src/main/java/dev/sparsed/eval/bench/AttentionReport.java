package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an attention benchmark found.
 *
 * @param setup what was measured
 * @param density share of query-key pairs that sparse attention computed, 0 to 1
 * @param peakFlops operations per second that the processor reaches at most in this dtype, measured
 *     in the same process; empty if it was not measured
 * @param measurements all times, by backend and operation, whatever order they were asked for in
 * @param absent why a backend could not take part, or a measurement was left out, by its name
 * @param note what a reader of the numbers should know of LibTorch on this processor
 */
public record AttentionReport(
    AttentionSetup setup,
    double density,
    OptionalDouble peakFlops,
    List<Measurement> measurements,
    Map<String, String> absent,
    Optional<String> note) {

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
   *     {@code peak_gflops} where it is known, {@code machine}, {@code versions}, {@code runtime},
   *     {@code measurements}, {@code absent} and a {@code note} where there is one
   */
  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.set("shape", setup.json());
    root.put("dtype", setup.precision().name().toLowerCase(Locale.ROOT));
    root.put("density", density);
    root.put("ideal_speedup", idealSpeedup());
    peakFlops.ifPresent(peak -> root.put("peak_gflops", peak / 1e9));
    ReportHead.addEnvironment(root);
    ArrayNode list = root.putArray("measurements");
    measurements.forEach(measurement -> list.add(measurement.json()));
    ObjectNode missing = root.putObject("absent");
    absent.forEach(missing::put);
    note.ifPresent(text -> root.put("note", text));
    return root;
  }

  /**
   * Prints a table. Speed-ups are against its first row.
   *
   * @param out gets the table
   */
  public void print(PrintWriter out) {
    out.println(Environment.text());
    out.printf(
        Locale.ROOT,
        "%s %s, density %.3f, ideal speed-up %.2fx%n",
        setup.json(),
        setup.precision().name().toLowerCase(Locale.ROOT),
        density,
        idealSpeedup());
    peakFlops.ifPresent(
        peak -> out.printf(Locale.ROOT, "the processor's peak is %.1f GFLOP/s%n", peak / 1e9));
    out.printf(
        Locale.ROOT,
        "%-18s %5s %11s %11s %11s %10s %7s %9s%n",
        "",
        "runs",
        "median ms",
        "min ms",
        "max ms",
        "GFLOP/s",
        "of peak",
        "speed-up");
    for (Measurement measurement : measurements) {
      Spread times = measurement.times();
      out.printf(
          Locale.ROOT,
          "%-18s %5d %11.3f %11.3f %11.3f %10.1f %7s %8.2fx%n",
          measurement.name(),
          times.count(),
          1e3 * times.median(),
          1e3 * times.min(),
          1e3 * times.max(),
          measurement.gflops(),
          share(measurement),
          measurements.get(0).times().median() / times.median());
    }
    absent.forEach(
        (name, reason) -> out.printf(Locale.ROOT, "%s was not measured: %s%n", name, reason));
    note.ifPresent(out::println);
    out.flush();
  }

  private String share(Measurement measurement) {
    return peakFlops.isPresent()
        ? String.format(
            Locale.ROOT, "%.0f %%", 100 * measurement.gflops() * 1e9 / peakFlops.getAsDouble())
        : "";
  }
}
