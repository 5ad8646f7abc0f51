package dev.sparsed.eval;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.bench.Environment;
import java.util.Map;

/** What a reader of measurements must know of the machine. */
final class MachineFacts {

  private MachineFacts() {}

  static ImmutableMap<String, String> of() {
    Map<String, Object> machine = Environment.machine();
    return ImmutableMap.<String, String>builder()
        .put("machine", machine.get("cpu") + ", " + machine.get("cores") + " logical cores")
        .put("instructions", String.valueOf(machine.get("instructions")))
        .put("system", String.valueOf(machine.get("os")))
        .put("java", Runtime.version().toString())
        .putAll(Environment.runtime())
        .buildOrThrow();
  }
}
