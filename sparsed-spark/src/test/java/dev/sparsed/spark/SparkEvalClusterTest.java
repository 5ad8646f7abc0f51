package dev.sparsed.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.eval.AccuracyEvaluation;
import dev.sparsed.eval.AccuracyResult;
import dev.sparsed.eval.AccuracySettings;
import dev.sparsed.eval.accuracy.AnswerBatch;
import dev.sparsed.eval.accuracy.ChatTurn;
import dev.sparsed.eval.accuracy.EvalTask;
import dev.sparsed.eval.accuracy.Metric;
import dev.sparsed.eval.accuracy.Prediction;
import dev.sparsed.eval.accuracy.Predictions;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.cluster.ClusterModel;
import dev.sparsed.eval.cluster.EvalCluster;
import dev.sparsed.eval.model.CheckpointModel;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.SparkContext$;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SparkEvalClusterTest {

  private static final ModelOptions OPTIONS = ModelOptions.DEFAULT.withThreads(1);

  private static final AccuracySettings SETTINGS =
      new AccuracySettings(
          new MethodUse(
              Method.parse("sparsed:select=0.5"), Sampling.PUBLISHED.withTemperature(1), true),
          true,
          8,
          OptionalInt.of(4),
          2,
          11);

  @BeforeEach
  void configure() {
    System.setProperty("spark.ui.enabled", "false");
  }

  @AfterEach
  void forget() {
    System.clearProperty("spark.ui.enabled");
  }

  @Test
  void answersAndScoresAreThoseOfOneMachine() throws IOException {
    List<EvalTask> tasks = tasks(7);
    try (EvalModel model = CheckpointModel.open(DemoCheckpoint.folder(), "demo", OPTIONS)) {
      AccuracyEvaluation evaluation = new AccuracyEvaluation(model, SETTINGS);
      AccuracyResult alone = evaluation.run(tasks);

      // The first three are there already; their batch is asked again, and the fourth added.
      Predictions record = Predictions.inMemory();
      record.append(alone.predictions().subList(0, 3));
      List<Integer> progress = new ArrayList<>();
      AccuracyResult spread;
      try (EvalCluster cluster = connect("local[2]")) {
        spread = evaluation.run(tasks, record, (done, total, score) -> progress.add(done), cluster);
      }
      assertEquals(answers(alone), answers(spread));
      assertEquals(alone.summary().toText(), spread.summary().toText());
      assertEquals(List.of(3, 4, 6, 7), progress);
      assertEquals(5, spread.speed().tasks());
      assertTrue(spread.speed().forwardPasses() > 0);
    }
    assertTrue(SparkContext$.MODULE$.getActive().isEmpty(), "the connection is given back");
  }

  @Test
  void promptsArriveAsTheyWere() {
    AnswerBatch batch =
        new AnswerBatch(
            ImmutableList.of(
                TaskPrompt.plain("plain"),
                new TaskPrompt(
                    ImmutableList.of(new ChatTurn("system", "short"), new ChatTurn("user", "why?")),
                    true,
                    "Because"),
                TaskPrompt.infill("Anna lives in <gap:4>.")),
            8,
            3);
    List<String> expected = batch.prompts().stream().map(TaskPrompt::toString).toList();
    assertEquals(
        expected, SentBatch.of(batch).taskPrompts().stream().map(TaskPrompt::toString).toList());
  }

  @Test
  void aRecordThatFailsEndsTheWorkWithItsReason() {
    try (EvalModel model = CheckpointModel.open(DemoCheckpoint.folder(), "demo", OPTIONS);
        EvalCluster cluster = connect("local[2]")) {
      AccuracyEvaluation evaluation = new AccuracyEvaluation(model, SETTINGS);
      IOException thrown =
          assertThrows(
              IOException.class,
              () -> evaluation.run(tasks(3), new FullDisk(), (d, t, s) -> {}, cluster));
      assertEquals("no space left", thrown.getMessage());
    }
  }

  private static EvalCluster connect(String master) {
    return EvalCluster.connect(master, new ClusterModel(Optional.empty(), OPTIONS));
  }

  private static List<String> answers(AccuracyResult result) {
    return result.predictions().stream().map(Prediction::answer).toList();
  }

  private static List<EvalTask> tasks(int count) {
    List<EvalTask> tasks = new ArrayList<>();
    for (String question : Questions.of(count)) {
      int line = tasks.size() + 1;
      tasks.add(
          new EvalTask(
              line,
              "task " + line,
              "village",
              TaskPrompt.plain(question),
              ImmutableList.of("lives in"),
              Metric.CONTAINS_ANY,
              ImmutableList.of(),
              0,
              OptionalInt.empty()));
    }
    return tasks;
  }

  private static final class FullDisk implements Predictions {

    @Override
    public ImmutableList<Prediction> recorded() {
      return ImmutableList.of();
    }

    @Override
    public void append(List<Prediction> predictions) throws IOException {
      throw new IOException("no space left");
    }
  }
}
