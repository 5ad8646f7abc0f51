package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.internal.work.Work;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * What the time of some steps went to.
 *
 * @param seconds of all steps together by part, such as {@code products} or {@code attention}; the
 *     parts do not overlap, and {@code rest} is what belongs to none of the others
 * @param steps how many steps there were, at least 1
 */
public record WorkShares(ImmutableMap<String, Double> seconds, int steps) {

  static WorkShares ofStep(Map<Work, Duration> times) {
    ImmutableMap.Builder<String, Double> seconds = ImmutableMap.builder();
    times.forEach(
        (work, time) -> seconds.put(work.name().toLowerCase(Locale.ROOT), time.toNanos() / 1e9));
    return new WorkShares(seconds.buildOrThrow(), 1);
  }

  WorkShares plus(WorkShares other) {
    ImmutableMap.Builder<String, Double> sum = ImmutableMap.builder();
    seconds.forEach((part, time) -> sum.put(part, time + other.seconds.getOrDefault(part, 0.0)));
    return new WorkShares(sum.buildOrThrow(), steps + other.steps);
  }

  /**
   * What part of the time a part takes.
   *
   * @param part its name
   * @return 0 to 1
   */
  public double share(String part) {
    double all = seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    return all == 0 ? 0 : seconds.getOrDefault(part, 0.0) / all;
  }

  /**
   * The time of a part in one step.
   *
   * @param part its name
   * @return seconds, the mean over all steps
   */
  public double secondsOfStep(String part) {
    return seconds.getOrDefault(part, 0.0) / steps;
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (String part : seconds.keySet()) {
      json.putObject(part).put("share", share(part)).put("ms_per_step", 1e3 * secondsOfStep(part));
    }
    return json;
  }
}
