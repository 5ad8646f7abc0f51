package dev.sparsed.cli.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.speed.HostMemory;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Tokens and positions per second, and the most memory, over the answers that this process
 * generated. Tokens are those up to each answer's end of text, that one included; positions are all
 * that were generated, as the papers count.
 */
final class Throughput {

  private int tasks;
  private long tokens;
  private long positions;
  private double seconds;
  private OptionalLong deviceBytes = OptionalLong.empty();
  private final HostMemory memory = new HostMemory();

  Throughput() {
    memory.restart();
  }

  ImmutableList<String> count(int asked, EvalModel.Answers answers) {
    tasks += asked;
    tokens += answers.tokens();
    positions += answers.positions();
    seconds += answers.seconds();
    if (answers.deviceBytes().isPresent()) {
      long bytes = answers.deviceBytes().getAsLong();
      deviceBytes = OptionalLong.of(Math.max(bytes, deviceBytes.orElse(0)));
    }
    return answers.texts();
  }

  /** Whether anything was answered. */
  boolean isMeasured() {
    return tasks > 0;
  }

  ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("tasks", tasks);
    node.put("tokens", tokens);
    node.put("positions", positions);
    node.put("seconds", seconds);
    if (isTimed()) {
      node.put("tokens_per_second", tokens / seconds);
      node.put("positions_per_second", positions / seconds);
    }
    if (isMeasured()) {
      memory.peakBytes().ifPresent(bytes -> node.put("host_peak_bytes", bytes));
    }
    if (deviceBytes.isPresent()) {
      node.put("device_peak_bytes", deviceBytes.getAsLong());
    } else {
      node.putNull("device_peak_bytes");
    }
    return node;
  }

  private boolean isTimed() {
    return isMeasured() && seconds > 0;
  }

  String toText() {
    return isTimed()
        ? String.format(
            Locale.ROOT,
            "%d answers in %.1f s, %.2f tokens/s up to the end of text, %.2f positions/s in all%n",
            tasks,
            seconds,
            tokens / seconds,
            positions / seconds)
        : "";
  }
}
