package dev.sparsed.cli.eval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.demo.exam.ExamCell;
import java.util.Locale;

/**
 * What an exam gave.
 *
 * @param seed of its questions
 * @param cells a cell per method, task and length
 */
record ExamReport(long seed, ImmutableList<ExamCell> cells) {

  /** {@code seed} and {@code cells}; a cell without sparse steps has no {@code density}. */
  ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("seed", seed);
    ArrayNode array = node.putArray("cells");
    for (ExamCell cell : cells) {
      ObjectNode each =
          array
              .addObject()
              .put("task", cell.task().label())
              .put("length", cell.length())
              .put("method", cell.method())
              .put("correct", cell.correct())
              .put("questions", cell.questions())
              .put("standard_error", cell.standardError())
              .put("forward_passes", cell.forwardPasses())
              .put("tokens", cell.tokens())
              .put("tokens_per_second", cell.tokensPerSecond())
              .put("seconds", cell.seconds());
      cell.density().ifPresent(density -> each.put("density", density));
    }
    return node;
  }

  /** A table with a line per cell. */
  String toText() {
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            "%-18s %6s  %-24s %14s %14s %9s %9s %9s%n",
            "task",
            "length",
            "method",
            "right",
            "forward passes",
            "tokens/s",
            "density",
            "seconds"));
    for (ExamCell cell : cells) {
      table.append(
          String.format(
              Locale.ROOT,
              "%-18s %6d  %-24s %4d of %-6d %14d %9.1f %9s %9.1f%n",
              cell.task().label(),
              cell.length(),
              cell.method(),
              cell.correct(),
              cell.questions(),
              cell.forwardPasses(),
              cell.tokensPerSecond(),
              cell.density().isPresent()
                  ? String.format(Locale.ROOT, "%.3f", cell.density().getAsDouble())
                  : "-",
              cell.seconds()));
    }
    return table.toString();
  }
}
