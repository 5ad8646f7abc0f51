package dev.sparsed.eval.accuracy;

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
}
