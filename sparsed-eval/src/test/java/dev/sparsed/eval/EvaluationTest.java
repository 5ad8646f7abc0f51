package dev.sparsed.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.EvalTask;
import dev.sparsed.eval.accuracy.Metric;
import dev.sparsed.eval.accuracy.PredictionLog;
import dev.sparsed.eval.accuracy.RunSettings;
import dev.sparsed.eval.accuracy.TaskFile;
import dev.sparsed.eval.model.CheckpointModel;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.eval.speed.SpeedReport;
import dev.sparsed.eval.speed.SpeedRow;
import dev.sparsed.eval.speed.SpeedRun;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluations from Java, without a command line. */
class EvaluationTest {

  // Tiny tensors gain nothing from threads, and wait for them on a busy machine.
  private static final ModelOptions OPTIONS = ModelOptions.DEFAULT.withThreads(1);

  private final Path folder;

  EvaluationTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private String checkpoint(String model) throws Exception {
    Files.writeString(
        folder.resolve("tasks.jsonl"),
        """
        {"prompt": "abcdefgh", "references": "a"}
        {"prompt": "ab", "references": "a", "generation_length": 64}
        """);
    return TinyCheckpoint.write(folder, model).toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-dream", "tiny-llada"})
  void aProgramEvaluatesInTenLines(String tiny) throws Exception {
    String checkpoint = checkpoint(tiny);
    Path file = folder.resolve("tasks.jsonl");
    // As in docs/evaluation.md.
    Method method = Method.parse("sparsed:block_size=8+dual-cache");
    try (EvalModel model = CheckpointModel.open(checkpoint, OPTIONS)) {
      List<EvalTask> tasks = TaskFile.read(file, Optional.of(Metric.CONTAINS_ANY));
      AccuracySettings settings = AccuracySettings.of(method).withGenerationLength(32);
      AccuracyResult accuracy = new AccuracyEvaluation(model, settings).run(tasks);
      SpeedSettings lengths =
          SpeedSettings.of(Method.FULL, method).withLengths(List.of(16), List.of(32));
      SpeedReport speed = new SpeedEvaluation(model, lengths).run();

      assertEquals(2, accuracy.predictions().size());
      assertTrue(accuracy.summary().average().isPresent());
      Throughput throughput = accuracy.speed();
      assertEquals(2, throughput.tasks());
      assertEquals(32 + 64, throughput.positions());
      assertEquals(OptionalLong.of(32 + 64), throughput.committedTokens());
      assertTrue(throughput.forwardPasses() > 0 && throughput.forwardPasses() <= 32 + 64);
      assertTrue(throughput.tokensPerSecond().isPresent());
      assertEquals("full", speed.baseline());
      assertEquals(2, speed.rows().size());
      for (SpeedRow row : speed.rows()) {
        SpeedRow.Measured measured = row.measured().orElseThrow();
        assertEquals(32, measured.positions());
        assertEquals(OptionalDouble.of(32), measured.committedTokens());
        assertTrue(measured.forwardPasses() > 0 && measured.forwardPasses() <= 32);
      }
    }
  }

  @Test
  void parallelDecodingTakesFewerPassesThanItCommitsTokens() throws Exception {
    try (EvalModel model = CheckpointModel.open(checkpoint("tiny-llada"), OPTIONS)) {
      List<EvalTask> tasks = TaskFile.read(folder.resolve("tasks.jsonl"), Optional.of(Metric.NONE));
      AccuracySettings settings = AccuracySettings.of(Method.parse("threshold:threshold=0"));
      Throughput all =
          new AccuracyEvaluation(model, settings.withGenerationLength(32)).run(tasks).speed();
      assertEquals(3, all.forwardPasses(), "one for each block of 32");
      assertEquals(OptionalLong.of(96), all.committedTokens());

      Throughput stopped =
          new AccuracyEvaluation(
                  model,
                  settings.withUse(
                      new MethodUse(settings.use().method(), Sampling.PUBLISHED, true)))
              .run(tasks)
              .speed();
      assertEquals(OptionalLong.empty(), stopped.committedTokens());
    }
  }

  @Test
  void aRecordedEvaluationIsContinued() throws Exception {
    try (EvalModel model = CheckpointModel.open(checkpoint("tiny-dream"), OPTIONS)) {
      ImmutableList<EvalTask> tasks =
          TaskFile.read(folder.resolve("tasks.jsonl"), Optional.of(Metric.NONE));
      AccuracyEvaluation evaluation =
          new AccuracyEvaluation(
              model, AccuracySettings.of(Method.FULL).withGenerationLength(8).withSeed(3));
      assertEquals("0.05", evaluation.identity().get("temperature"));
      RunSettings settings = new RunSettings(evaluation.identity());
      Path file = folder.resolve("predictions.jsonl");
      AccuracyResult first;
      try (PredictionLog log = PredictionLog.open(file, settings, tasks, 1)) {
        first = evaluation.run(tasks, log, (done, total, score) -> {});
      }
      try (PredictionLog log = PredictionLog.open(file, settings, tasks, 1)) {
        AccuracyResult again = evaluation.run(tasks, log, (done, total, score) -> {});
        assertEquals(first.predictions(), again.predictions());
        assertFalse(again.speed().isMeasured());
      }
      assertEquals(first.predictions(), evaluation.run(tasks).predictions());
    }
  }

  @Test
  void whatCannotBeAnsweredIsRefusedBeforeAnythingRuns() throws Exception {
    try (EvalModel model = CheckpointModel.open(checkpoint("tiny-llada"), OPTIONS)) {
      List<EvalTask> tasks = TaskFile.read(folder.resolve("tasks.jsonl"), Optional.of(Metric.NONE));
      AccuracyEvaluation evaluation =
          new AccuracyEvaluation(model, AccuracySettings.of(Method.FULL).withSteps(30));
      Exception e = assertThrows(IllegalArgumentException.class, () -> evaluation.run(tasks));
      assertTrue(
          String.valueOf(e.getMessage()).contains("line 1: steps must be a multiple of"),
          e::toString);
      SpeedSettings twice = SpeedSettings.of(Method.FULL);
      assertThrows(IllegalArgumentException.class, () -> twice.withBaseline("sparsed"));
      assertThrows(IllegalArgumentException.class, SpeedSettings::of);
    }
  }

  @Test
  void aCaseThatTheModelRefusesIsARowThatSaysSo() throws Exception {
    try (EvalModel model = CheckpointModel.open(checkpoint("tiny-llada"), OPTIONS)) {
      SpeedSettings settings =
          SpeedSettings.of(Method.FULL, Method.parse("dual-cache"))
              .withLengths(List.of(8, 8), List.of(20))
              .withSteps(OptionalInt.of(3))
              .withRun(new SpeedRun(0, OptionalInt.empty(), 1));
      SpeedEvaluation evaluation = new SpeedEvaluation(model, settings);
      assertEquals(32, evaluation.lengths().get(20));
      assertEquals(2, evaluation.cases().size(), "no length twice");
      SpeedReport report = evaluation.run();
      assertTrue(report.rows().stream().allMatch(row -> row.measured().isPresent()));
      SpeedReport refused =
          new SpeedEvaluation(
                  model, settings.withLengths(List.of(8), List.of(64)).withSteps(OptionalInt.of(3)))
              .run();
      assertEquals(SpeedRow.Outcome.REFUSED, refused.rows().get(0).outcome());
      assertTrue(
          refused.rows().get(0).note().contains("steps must be a multiple of"), refused::toText);
    }
  }
}
