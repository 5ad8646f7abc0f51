package dev.sparsed.eval.accuracy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.text.internal.Quoted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Scores per group of tasks and over all of them.
 *
 * @param groups the groups, in the order of their first task
 */
public record AccuracySummary(ImmutableList<Group> groups) {

  /**
   * One group's score.
   *
   * @param name the group
   * @param tasks how many tasks it has
   * @param score mean score in percent; empty if its tasks are not scored
   * @param standardError standard error of that mean in percent points; empty for fewer than two
   * @param emptyAnswers how many answers are blank
   */
  public record Group(
      String name,
      int tasks,
      OptionalDouble score,
      OptionalDouble standardError,
      int emptyAnswers) {

    private static Group of(String name, List<Prediction> predictions) {
      double[] scores =
          predictions.stream()
              .filter(prediction -> prediction.metric().isScored())
              .mapToDouble(Prediction::score)
              .toArray();
      int empty = (int) predictions.stream().filter(p -> p.answer().isBlank()).count();
      if (scores.length == 0) {
        return new Group(
            name, predictions.size(), OptionalDouble.empty(), OptionalDouble.empty(), empty);
      }
      double mean = 0;
      for (double score : scores) {
        mean += score / scores.length;
      }
      double squares = 0;
      for (double score : scores) {
        squares += (score - mean) * (score - mean);
      }
      OptionalDouble error =
          scores.length < 2
              ? OptionalDouble.empty()
              : OptionalDouble.of(100 * Math.sqrt(squares / (scores.length - 1) / scores.length));
      return new Group(name, predictions.size(), OptionalDouble.of(100 * mean), error, empty);
    }
  }

  /**
   * Sums up predictions.
   *
   * @param predictions the predictions
   * @return the summary
   */
  public static AccuracySummary of(List<Prediction> predictions) {
    Map<String, ImmutableList.Builder<Prediction>> byGroup = new LinkedHashMap<>();
    for (Prediction prediction : predictions) {
      byGroup.computeIfAbsent(prediction.group(), name -> ImmutableList.builder()).add(prediction);
    }
    ImmutableList.Builder<Group> groups = ImmutableList.builder();
    byGroup.forEach((name, members) -> groups.add(Group.of(name, members.build())));
    return new AccuracySummary(groups.build());
  }

  /**
   * The mean of the groups' scores, as RULER and the papers' tables average.
   *
   * @return the mean in percent; empty if no group is scored
   */
  public OptionalDouble average() {
    return groups.stream()
        .filter(group -> group.score().isPresent())
        .mapToDouble(group -> group.score().getAsDouble())
        .average();
  }

  /**
   * The summary for a terminal.
   *
   * @return a table, a line per group and one for the average
   */
  public String toText() {
    int width = "average of the groups".length();
    for (Group group : groups) {
      width = Math.max(width, Quoted.line(group.name()).length());
    }
    String row = "%-" + width + "s  %6s  %7s  %7s  %5s%n";
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, row, "group", "tasks", "score %", "+/-", "empty"));
    for (Group group : groups) {
      text.append(
          String.format(
              Locale.ROOT,
              row,
              Quoted.line(group.name()),
              group.tasks(),
              percent(group.score()),
              percent(group.standardError()),
              group.emptyAnswers()));
    }
    int tasks = groups.stream().mapToInt(Group::tasks).sum();
    int empty = groups.stream().mapToInt(Group::emptyAnswers).sum();
    text.append(
        String.format(
            Locale.ROOT, row, "average of the groups", tasks, percent(average()), "", empty));
    return text.toString();
  }

  private static String percent(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : "-";
  }

  /**
   * The summary as JSON.
   *
   * @return an object with {@code average} and {@code groups}; scores in percent, null where there
   *     are none
   */
  public ObjectNode toJson() {
    ObjectNode node = JsonLines.MAPPER.createObjectNode();
    put(node, "average", average());
    ArrayNode list = node.putArray("groups");
    for (Group group : groups) {
      ObjectNode entry = list.addObject();
      entry.put("name", group.name());
      entry.put("tasks", group.tasks());
      put(entry, "score", group.score());
      put(entry, "standard_error", group.standardError());
      entry.put("empty_answers", group.emptyAnswers());
    }
    return node;
  }

  private static void put(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(name, value.getAsDouble());
    } else {
      node.putNull(name);
    }
  }
}
