package dev.sparsed.examples.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.Locale;

/** Tokens per second over the answers that this process generated. */
final class Throughput {

  private int tasks;
  private long tokens;
  private double seconds;

  ImmutableList<String> count(int asked, EvalModel.Answers answers) {
    tasks += asked;
    tokens += answers.tokens();
    seconds += answers.seconds();
    return answers.texts();
  }

  boolean isMeasured() {
    return tasks > 0;
  }

  void write(ObjectNode node) {
    node.put("tasks", tasks);
    node.put("tokens", tokens);
    node.put("seconds", seconds);
    if (isMeasured() && seconds > 0) {
      node.put("tokens_per_second", tokens / seconds);
    }
  }

  String toText() {
    return isMeasured() && seconds > 0
        ? String.format(
            Locale.ROOT,
            "%d answers in %.1f s, %.2f tokens/s up to the end of text%n",
            tasks,
            seconds,
            tokens / seconds)
        : "";
  }
}
