package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * How long something takes.
 *
 * @param name what was measured, such as {@code dense.torch}
 * @param times wall-clock times without warm-up
 * @param flops multiplications and additions of one run, 0 where they are not counted
 */
public record Measurement(String name, Spread times, double flops) {

  /**
   * Rate of the median run.
   *
   * @return GFLOP/s
   */
  public double gflops() {
    return flops / times.median() / 1e9;
  }

  ObjectNode json() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", name)
            .put("median_ms", 1e3 * times.median())
            .put("min_ms", 1e3 * times.min())
            .put("max_ms", 1e3 * times.max())
            .put("runs", times.count());
    return flops == 0 ? json : json.put("gflops", gflops());
  }
}
