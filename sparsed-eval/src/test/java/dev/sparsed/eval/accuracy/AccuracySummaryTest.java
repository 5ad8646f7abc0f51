package dev.sparsed.eval.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class AccuracySummaryTest {

  private static Prediction prediction(String group, Metric metric, String answer, double score) {
    return new Prediction("id", group, metric, answer, score);
  }

  @Test
  void averagesGroupsNotTasks() {
    AccuracySummary summary =
        AccuracySummary.of(
            ImmutableList.of(
                prediction("a", Metric.CONTAINS_ALL, "x", 1),
                prediction("b", Metric.CONTAINS_ALL, " ", 0),
                prediction("a", Metric.CONTAINS_ALL, "x", 0.5),
                prediction("code", Metric.NONE, "x", 0)));
    assertEquals(OptionalDouble.of(75), summary.groups().get(0).score());
    assertEquals(25, summary.groups().get(0).standardError().orElseThrow(), 1e-9);
    assertEquals(1, summary.groups().get(1).emptyAnswers());
    assertEquals(OptionalDouble.empty(), summary.groups().get(2).score());
    assertEquals(37.5, summary.average().orElseThrow());
    assertTrue(summary.toText().contains("average of the groups"));
    assertTrue(summary.toJson().get("groups").get(2).get("score").isNull());
  }
}
