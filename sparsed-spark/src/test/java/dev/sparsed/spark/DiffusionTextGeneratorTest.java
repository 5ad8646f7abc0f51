package dev.sparsed.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.spark.SparkException;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.jdk.javaapi.CollectionConverters;

class DiffusionTextGeneratorTest {

  private static SparkSession spark;

  @BeforeAll
  static void start(@TempDir Path warehouse) {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 2)
            .config("spark.sql.warehouse.dir", warehouse.toString())
            .config("spark.hadoop.fs.shelf.impl", ShelfFileSystem.class.getName())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 1", "2, 3"})
  void answersDoNotDependOnPartitionsOrBatches(int partitions, int batch) {
    List<String> questions = Questions.of(6);
    Map<String, String> answers =
        answers(
            Questions.stage()
                .setBatchSize(batch)
                .transform(Questions.rows(spark, questions, partitions)));
    assertEquals(Questions.answersAlone(questions), questions.stream().map(answers::get).toList());
  }

  @Test
  void keepsColumnsOrderAndPartitions() {
    Dataset<Row> rows =
        Questions.rows(spark, Questions.of(4), 2).selectExpr("42 as number", "question");
    Dataset<Row> result = Questions.stage().setBatchSize(2).transform(rows);
    assertEquals(List.of("number", "question", "answer", "error"), Arrays.asList(result.columns()));
    assertEquals(2, result.rdd().getNumPartitions());
    assertEquals(rows.collectAsList(), result.select("number", "question").collectAsList());
  }

  @Test
  void anIdGivesEqualQuestionsSeedsOfTheirOwn() {
    Dataset<Row> rows =
        spark
            .range(8)
            .selectExpr("id", "'" + Questions.of(1).get(0).replace("\n", "\\n") + "' as question");
    DiffusionTextGenerator stage = Questions.stage().setTemperature(50);
    assertEquals(1, stage.transform(rows).select("answer").distinct().count());
    assertNotEquals(1, stage.setIdCol("id").transform(rows).select("answer").distinct().count());
  }

  @Test
  void aPipelineWithTheStageIsSavedAndLoaded(@TempDir Path folder) throws IOException {
    DiffusionTextGenerator stage = Questions.stage().setIdCol("question").setPrecision("float32");
    Dataset<Row> rows = Questions.rows(spark, Questions.of(2), 1);
    PipelineModel fitted = new Pipeline().setStages(new PipelineStage[] {stage}).fit(rows);
    String path = folder.resolve("pipeline").toString();
    fitted.save(path);
    PipelineModel loaded = PipelineModel.load(path);
    DiffusionTextGenerator again =
        assertInstanceOf(DiffusionTextGenerator.class, loaded.stages()[0]);
    assertEquals(stage.uid(), again.uid());
    assertEquals(stage.explainParams(), again.explainParams());
    assertEquals(answers(fitted.transform(rows)), answers(loaded.transform(rows)));
  }

  @Test
  void aBadRowHasAnErrorAndTheOthersTheirAnswers() throws Exception {
    List<String> questions = new ArrayList<>(Questions.of(3));
    questions.set(1, " ");
    questions.add(null);
    Map<String, String> counted = new ConcurrentHashMap<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onStageCompleted(SparkListenerStageCompleted stage) {
            CollectionConverters.asJava(stage.stageInfo().accumulables().values())
                .forEach(
                    info -> counted.put(info.name().get(), String.valueOf(info.value().get())));
          }
        };
    spark.sparkContext().addSparkListener(listener);
    List<Row> rows =
        Questions.stage()
            .transform(
                spark.createDataset(questions, Encoders.STRING()).toDF("question").coalesce(1))
            .collectAsList();
    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().removeSparkListener(listener);

    assertEquals(
        Arrays.asList(null, "the question is empty", null, "the question is null"),
        rows.stream().map(row -> row.getString(2)).toList());
    assertEquals(List.of(false, true, false, true), rows.stream().map(r -> r.isNullAt(1)).toList());
    assertEquals("2", counted.get("sparsed answers"));
    assertEquals("2", counted.get("sparsed errors"));
    assertTrue(Integer.parseInt(counted.get("sparsed tokens")) >= 2, counted::toString);
    assertTrue(Integer.parseInt(counted.get("sparsed forward passes")) >= 2, counted::toString);
  }

  @Test
  void densityIsTheMeanOfTheAnswers() {
    MeanAccumulator first = new MeanAccumulator();
    MeanAccumulator second = new MeanAccumulator();
    assertTrue(first.isZero());
    first.add(0.25);
    second.add(0.5);
    second.add(0.75);
    first.merge(second);
    assertEquals(0.5, first.value());
    assertEquals(0, first.copyAndReset().value());
  }

  @Test
  void weightsOfAnotherFileSystemAreCopiedOnce() {
    ShelfFileSystem.OPENED.clear();
    DiffusionTextGenerator stage =
        Questions.stage().setModelPath("shelf://shelf" + DemoCheckpoint.folder());
    List<String> questions = Questions.of(4);
    Map<String, String> answers = answers(stage.transform(Questions.rows(spark, questions, 4)));
    assertEquals(Questions.answersAlone(questions), questions.stream().map(answers::get).toList());
    assertTrue(ShelfFileSystem.OPENED.contains("model.safetensors"), "the weights were read");
    assertEquals(
        ShelfFileSystem.OPENED.stream().distinct().toList(), List.copyOf(ShelfFileSystem.OPENED));
  }

  @Test
  void whatFitsNoRowFailsAtOnce() {
    Dataset<Row> rows = Questions.rows(spark, Questions.of(2), 1);
    assertThrowsSaying("sparsd", () -> Questions.stage().setMethod("sparsd").transform(rows));
    assertThrowsSaying("cuda:N", () -> Questions.stage().setDevice("gpu").transform(rows));
    assertThrowsSaying(
        "no column words among question",
        () -> Questions.stage().setInputCol("words").transform(rows));
    assertThrowsSaying(
        "must hold strings", () -> Questions.stage().transform(rows.selectExpr("1 as question")));
    assertThrowsSaying(
        "already is a column question",
        () -> Questions.stage().setOutputCol("question").transform(rows));
    assertThrowsSaying("batchSize", () -> Questions.stage().setBatchSize(0));
  }

  private static void assertThrowsSaying(String words, Runnable use) {
    Exception thrown = assertThrows(Exception.class, use::run);
    assertTrue(String.valueOf(thrown.getMessage()).contains(words), thrown::toString);
  }

  @Test
  void whatTheModelCannotDoFailsTheJobWithItsReason() {
    Dataset<Row> rows = Questions.rows(spark, Questions.of(2), 1);
    assertJobFailsSaying(
        "steps",
        Questions.stage().setMethod("dual-cache").setGenerationLength(64).setSteps(7),
        rows);
    assertJobFailsSaying(
        "/no/such/folder", Questions.stage().setModelPath("/no/such/folder"), rows);
    assertJobFailsSaying("shelf:/no/such", Questions.stage().setModelPath("shelf:/no/such"), rows);
  }

  private static void assertJobFailsSaying(
      String words, DiffusionTextGenerator stage, Dataset<Row> rows) {
    SparkException thrown =
        assertThrows(SparkException.class, () -> stage.transform(rows).collectAsList());
    assertTrue(String.valueOf(thrown.getMessage()).contains(words), thrown::toString);
  }

  private static Map<String, String> answers(Dataset<Row> result) {
    return result.select("question", "answer").collectAsList().stream()
        .collect(Collectors.toMap(row -> row.getString(0), row -> row.getString(1)));
  }
}
