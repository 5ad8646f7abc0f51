package dev.sparsed.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What the answers took that were generated, and not read from a file. Tokens are those up to each
 * answer's end of text, that one included; positions are all that were generated, as the papers
 * count.
 *
 * @param tasks how many answers were generated
 * @param tokens tokens up to the ends of the texts
 * @param positions positions generated
 * @param forwardPasses steps that ran the model
 * @param committedTokens tokens that these steps committed; empty where that is not known
 * @param seconds time of the generations
 * @param hostPeakBytes most resident memory of the process; empty if nothing was generated, or the
 *     system does not tell
 * @param devicePeakBytes most memory of a graphics card in use, where there is one
 */
public record Throughput(
    int tasks,
    long tokens,
    long positions,
    long forwardPasses,
    OptionalLong committedTokens,
    double seconds,
    OptionalLong hostPeakBytes,
    OptionalLong devicePeakBytes) {

  /**
   * Whether anything was generated.
   *
   * @return true if so
   */
  public boolean isMeasured() {
    return tasks > 0;
  }

  /**
   * Tokens up to the ends of the texts, per second.
   *
   * @return the rate; empty if nothing was generated
   */
  public OptionalDouble tokensPerSecond() {
    return perSecond(tokens);
  }

  /**
   * Positions per second.
   *
   * @return the rate; empty if nothing was generated
   */
  public OptionalDouble positionsPerSecond() {
    return perSecond(positions);
  }

  private OptionalDouble perSecond(long count) {
    return isMeasured() && seconds > 0
        ? OptionalDouble.of(count / seconds)
        : OptionalDouble.empty();
  }

  /**
   * The numbers as JSON.
   *
   * @return an object with underscores in its names; memory in bytes, null where there is nothing
   */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("tasks", tasks);
    node.put("tokens", tokens);
    node.put("positions", positions);
    node.put("forward_passes", forwardPasses);
    put(node, "committed_tokens", committedTokens);
    node.put("seconds", seconds);
    tokensPerSecond().ifPresent(rate -> node.put("tokens_per_second", rate));
    positionsPerSecond().ifPresent(rate -> node.put("positions_per_second", rate));
    hostPeakBytes.ifPresent(bytes -> node.put("host_peak_bytes", bytes));
    put(node, "device_peak_bytes", devicePeakBytes);
    return node;
  }

  private static void put(ObjectNode node, String name, OptionalLong value) {
    if (value.isPresent()) {
      node.put(name, value.getAsLong());
    } else {
      node.putNull(name);
    }
  }

  /**
   * The numbers for a terminal.
   *
   * @return a line, empty if nothing was generated
   */
  public String toText() {
    return tokensPerSecond().isPresent()
        ? String.format(
            Locale.ROOT,
            "%d answers in %.1f s, %.2f tokens/s up to the end of text, %.2f positions/s in all%n",
            tasks,
            seconds,
            tokensPerSecond().orElseThrow(),
            positionsPerSecond().orElseThrow())
        : "";
  }
}
