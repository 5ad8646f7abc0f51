package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Sets;
import dev.sparsed.text.internal.Quoted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Everything that decides what a run's answers are: model, data, method, lengths, seed. It is the
 * first line of a predictions file, so that answers under different settings are never mixed.
 *
 * @param values setting to value, in the order to write
 */
public record RunSettings(ImmutableMap<String, String> values) {

  private static final String FORMAT = "sparsed-predictions-2";

  /** The header line, without its end. */
  String toJson() {
    ObjectNode node = JsonLines.MAPPER.createObjectNode();
    node.put("format", FORMAT);
    ObjectNode settings = node.putObject("settings");
    values.forEach(settings::put);
    return node.toString();
  }

  /**
   * Reads back a header line.
   *
   * @throws IllegalArgumentException if it is no header
   */
  static RunSettings parse(String line) {
    JsonNode node = JsonLines.parse(line);
    if (!node.path("format").asText().equals(FORMAT) || !node.path("settings").isObject()) {
      throw new IllegalArgumentException("is not the first line of a predictions file");
    }
    Map<String, String> values = new LinkedHashMap<>();
    node.path("settings")
        .properties()
        .forEach(entry -> values.put(entry.getKey(), entry.getValue().asText()));
    return new RunSettings(ImmutableMap.copyOf(values));
  }

  /** What differs from other settings, one "name: theirs, now ours" per line; empty if nothing. */
  String differencesFrom(RunSettings recorded) {
    StringBuilder text = new StringBuilder();
    for (String name : new TreeSet<>(Sets.union(values.keySet(), recorded.values().keySet()))) {
      String then = recorded.values().getOrDefault(name, "(not set)");
      String now = values.getOrDefault(name, "(not set)");
      if (!then.equals(now)) {
        text.append("\n  ").append(Quoted.line(name));
        text.append(": was ").append(Quoted.line(then));
        text.append(", now ").append(Quoted.line(now));
      }
    }
    return text.toString();
  }
}
