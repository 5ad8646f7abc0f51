package dev.sparsed.eval.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Streams;
import java.util.Locale;
import java.util.function.Function;

/** The table of one column of exams: right answers in percent by task, and what they took. */
final class ExamTable {

  private static final String COUNTED =
      "Right answers in percent, with their standard error; tokens up to the end of each answer.";

  private ExamTable() {}

  /**
   * The table in Markdown.
   *
   * @param results what {@code eval exam} gave for a row; an empty object where it gave nothing yet
   */
  static String of(RunFile file, Function<RunFile.Row, JsonNode> results) {
    ImmutableSet<String> tasks =
        file.rows().stream()
            .flatMap(row -> Streams.stream(results.apply(row).path("cells")))
            .map(cell -> cell.path("task").asText())
            .collect(ImmutableSet.toImmutableSet());
    StringBuilder text = new StringBuilder("|  | all |");
    tasks.forEach(task -> text.append(' ').append(task.replace('_', ' ')).append(" |"));
    text.append(" questions | passes per answer | tokens/s | density |\n");
    text.append("| --- |").append(" --- |".repeat(tasks.size() + 5)).append('\n');
    for (RunFile.Row row : file.rows()) {
      text.append("| ").append(RunTable.plain(row.name())).append(" |");
      row(text, tasks, results.apply(row).path("cells"));
    }
    return text.append('\n').append(COUNTED).append('\n').toString();
  }

  private static void row(StringBuilder text, ImmutableSet<String> tasks, JsonNode cells) {
    if (cells.isEmpty()) {
      text.append(" |".repeat(tasks.size() + 5)).append('\n');
      return;
    }
    Tally all = new Tally();
    StringBuilder shares = new StringBuilder();
    for (String task : tasks) {
      Tally its = new Tally();
      for (JsonNode cell : cells) {
        if (cell.path("task").asText().equals(task)) {
          its.add(cell);
          all.add(cell);
        }
      }
      shares.append(' ').append(its.strata == 0 ? "" : its.share()).append(" |");
    }
    text.append(' ').append(all.share()).append(" |").append(shares);
    text.append(
        String.format(
            Locale.ROOT,
            " %d | %.1f | %.1f | %s |\n",
            all.questions,
            (double) all.passes / all.questions,
            all.tokens / all.seconds,
            all.sparse == 0 ? "" : String.format(Locale.ROOT, "%.3f", all.density / all.sparse)));
  }

  /** Sums over cells, each of which is a sample of its own. */
  private static final class Tally {
    private int strata;
    private double share;
    private double variance;
    private int questions;
    private long passes;
    private long tokens;
    private double seconds;
    private int sparse;
    private double density;

    void add(JsonNode cell) {
      int asked = cell.path("questions").intValue();
      double right = cell.path("correct").doubleValue() / asked;
      strata++;
      share += right;
      variance += right * (1 - right) / asked;
      questions += asked;
      passes += cell.path("forward_passes").longValue();
      tokens += cell.path("tokens").longValue();
      seconds += cell.path("seconds").doubleValue();
      if (cell.has("density")) {
        sparse++;
        density += cell.path("density").doubleValue();
      }
    }

    /** The mean of the cells' shares, and the standard error of that mean. */
    String share() {
      return String.format(
          Locale.ROOT, "%.1f ± %.1f", 100 * share / strata, 100 * Math.sqrt(variance) / strata);
    }
  }
}
