package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The answer to one task and its score.
 *
 * @param id the task's name
 * @param group the task's group
 * @param metric how it was scored
 * @param answer the model's answer
 * @param score 0 to 1
 */
public record Prediction(String id, String group, Metric metric, String answer, double score) {

  /** Scores an answer. */
  static Prediction of(EvalTask task, String answer) {
    return new Prediction(
        task.id(), task.group(), task.metric(), answer, task.metric().score(answer, task));
  }

  /** The line of the predictions file, without its end. */
  String toJson() {
    ObjectNode node = JsonLines.MAPPER.createObjectNode();
    node.put("id", id);
    node.put("group", group);
    node.put("metric", metric.label());
    node.put("prediction", answer);
    node.put("score", score);
    return node.toString();
  }

  /**
   * Reads back a line.
   *
   * @throws IllegalArgumentException if it is not such a line, or not that of the task
   */
  static Prediction parse(String line, EvalTask task) {
    JsonNode node = JsonLines.parse(line);
    JsonNode score = node.path("score");
    String id = Fields.text(node, "id").orElse("");
    if (!id.equals(task.id()) || !score.isNumber()) {
      throw new IllegalArgumentException("is not the prediction of task '" + task.id() + "'");
    }
    return new Prediction(
        id,
        task.group(),
        task.metric(),
        Fields.text(node, "prediction")
            .orElseThrow(() -> new IllegalArgumentException("has no 'prediction'")),
        score.doubleValue());
  }
}
