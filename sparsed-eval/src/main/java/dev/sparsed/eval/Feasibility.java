package dev.sparsed.eval;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.EvalTask;
import dev.sparsed.eval.model.EvalModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What can be known of a run before it begins: every prompt is encoded and every request built, so
 * that the task that cannot be answered is found now and not after hours.
 *
 * @param longest positions of the longest task, prompt and generation together
 * @param longestLine the line that it is on
 * @param beyondTraining tasks of more positions than the model was trained for
 */
public record Feasibility(int longest, int longestLine, int beyondTraining) {

  private static final int SHOWN = 10;

  /**
   * Checks all tasks.
   *
   * @throws IllegalArgumentException if some cannot be answered; names their lines and why
   */
  static Feasibility check(
      EvalModel model, EvalModel.Question question, List<EvalTask> tasks, int defaultLength) {
    Map<String, List<Integer>> linesByReason = new LinkedHashMap<>();
    int longest = 0;
    int longestLine = 0;
    int beyond = 0;
    for (EvalTask task : tasks) {
      try {
        int positions =
            model.check(question, task.prompt(), task.generationLength().orElse(defaultLength));
        beyond += positions > model.trainedPositions() ? 1 : 0;
        longestLine = positions > longest ? task.line() : longestLine;
        longest = Math.max(longest, positions);
      } catch (IllegalArgumentException e) {
        linesByReason
            .computeIfAbsent(String.valueOf(e.getMessage()), reason -> new ArrayList<>())
            .add(task.line());
      }
    }
    if (!linesByReason.isEmpty()) {
      throw new IllegalArgumentException(refusal(linesByReason, tasks.size()));
    }
    return new Feasibility(longest, longestLine, beyond);
  }

  private static String refusal(Map<String, List<Integer>> linesByReason, int tasks) {
    int refused = linesByReason.values().stream().mapToInt(List::size).sum();
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT, "%d of %d tasks cannot be answered in this way:", refused, tasks));
    linesByReason.forEach(
        (reason, lines) -> {
          ImmutableList<Integer> shown =
              lines.stream().limit(SHOWN).collect(ImmutableList.toImmutableList());
          text.append(lines.size() == 1 ? "\n  line " : "\n  lines ");
          text.append(Joiner.on(", ").join(shown));
          int others = lines.size() - shown.size();
          text.append(others > 0 ? " and " + others + " more" : "");
          text.append(": ").append(reason);
        });
    return text.toString();
  }
}
