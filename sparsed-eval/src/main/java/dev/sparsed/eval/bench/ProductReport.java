package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.cpu.InstructionSet;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * What products with weights took.
 *
 * @param setup what was measured
 * @param level the instruction set
 * @param peakFlops operations per second that the processor reaches at most in bf16 with it,
 *     measured in the same process
 * @param times all times
 */
public record ProductReport(
    ProductBenchmark setup, InstructionSet level, double peakFlops, ImmutableList<Time> times) {

  /**
   * The times of one product.
   *
   * @param weights their name
   * @param rows number of rows
   * @param seconds the times
   * @param work multiplications and additions
   * @param bytes memory of the weights
   */
  public record Time(String weights, int rows, Spread seconds, double work, long bytes) {

    /**
     * The rate of the median time.
     *
     * @return multiplications and additions per second in billions
     */
    public double gflops() {
      return work / seconds.median() / 1e9;
    }
  }

  /**
   * The report as JSON.
   *
   * @return one object with {@code inputs}, {@code outputs}, {@code threads}, {@code level}, {@code
   *     peak_gflops}, {@code machine}, {@code versions}, {@code runtime} and {@code measurements}
   */
  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("inputs", setup.inputs())
        .put("outputs", setup.outputs())
        .put("threads", setup.threads())
        .put("level", level.name().toLowerCase(Locale.ROOT))
        .put("peak_gflops", peakFlops / 1e9);
    ReportHead.addEnvironment(root);
    ArrayNode list = root.putArray("measurements");
    for (Time time : times) {
      list.addObject()
          .put("weights", time.weights())
          .put("rows", time.rows())
          .put("runs", time.seconds().count())
          .put("median_ms", 1e3 * time.seconds().median())
          .put("min_ms", 1e3 * time.seconds().min())
          .put("max_ms", 1e3 * time.seconds().max())
          .put("gflops", time.gflops())
          .put("share_of_peak", time.gflops() * 1e9 / peakFlops)
          .put("weight_bytes", time.bytes());
    }
    return root;
  }

  /**
   * Prints a table.
   *
   * @param out gets the table
   */
  public void print(PrintWriter out) {
    out.println(Environment.text());
    out.printf(
        Locale.ROOT,
        "weights [%d, %d], %d threads, %s, whose peak is %.0f GFLOP/s%n",
        setup.outputs(),
        setup.inputs(),
        setup.threads(),
        level,
        peakFlops / 1e9);
    out.printf(
        Locale.ROOT,
        "%-8s %6s %11s %11s %10s %7s%n",
        "weights",
        "rows",
        "median ms",
        "min ms",
        "GFLOP/s",
        "of peak");
    for (Time time : times) {
      out.printf(
          Locale.ROOT,
          "%-8s %6d %11.3f %11.3f %10.1f %5.0f %%%n",
          time.weights(),
          time.rows(),
          1e3 * time.seconds().median(),
          1e3 * time.seconds().min(),
          time.gflops(),
          100e9 * time.gflops() / peakFlops);
    }
    out.flush();
  }
}
