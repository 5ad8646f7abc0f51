package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import dev.sparsed.text.internal.Quoted;
import java.nio.charset.StandardCharsets;

/**
 * The lines of a predictions file: settings, then a line per answer. A line says what its answer
 * scores, so that others can read it, but nothing of it is believed: the score is computed again
 * from the answer, and a checksum over the settings and the line shows any change.
 */
final class PredictionLines {

  private static final String CHECK = "check";
  private static final int CHECK_DIGITS = 16;

  private final String header;

  PredictionLines(RunSettings settings) {
    this.header = settings.toJson();
  }

  /** The line of the settings, without its end. */
  String header() {
    return header;
  }

  /** The line of an answer, without its end. */
  String line(Prediction prediction) {
    ObjectNode node = JsonLines.MAPPER.createObjectNode();
    node.put("id", prediction.id());
    node.put("group", prediction.group());
    node.put("metric", prediction.metric().label());
    node.put("prediction", prediction.answer());
    node.put("score", prediction.score());
    return node.put(CHECK, check(node)).toString();
  }

  private String check(ObjectNode node) {
    return Hashing.sha256()
        .hashString(header + '\n' + node, StandardCharsets.UTF_8)
        .toString()
        .substring(0, CHECK_DIGITS);
  }

  /** What a task's line begins with, whatever the answer is. */
  String beginning(EvalTask task) {
    String empty = line(Prediction.of(task, ""));
    return empty.substring(0, empty.indexOf("\"prediction\":\"") + "\"prediction\":\"".length());
  }

  /**
   * Reads back a line.
   *
   * @throws IllegalArgumentException if it is not exactly the line of an answer to the task
   */
  Prediction read(String line, EvalTask task) {
    JsonNode node = JsonLines.parse(line);
    if (!Fields.text(node, "id").orElse("").equals(task.id())) {
      throw new IllegalArgumentException("is not that of task " + Quoted.of(task.id()));
    }
    Prediction prediction =
        Prediction.of(
            task,
            Fields.text(node, "prediction")
                .orElseThrow(() -> new IllegalArgumentException("has no 'prediction'")));
    if (!line(prediction).equals(line)) {
      throw new IllegalArgumentException(difference(node, prediction));
    }
    return prediction;
  }

  private static String difference(JsonNode node, Prediction prediction) {
    JsonNode score = node.path("score");
    return score.isNumber() && score.doubleValue() == prediction.score()
        ? "was changed after it was written: its checksum does not fit"
        : "gives the score "
            + JsonLines.shown(score)
            + ", but its answer scores "
            + prediction.score();
  }
}
