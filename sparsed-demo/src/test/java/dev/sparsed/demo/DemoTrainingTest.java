package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.internal.checkpoint.CheckpointSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoTrainingTest {

  private static final DemoShape SHAPE = new DemoShape(2, 32, 2, 32, 1e6);

  @Test
  void aFewStepsGiveACheckpointThatCanBeUsed(@TempDir Path folder) throws Exception {
    List<TrainingReport> reports = new ArrayList<>();
    Path checkpoint = folder.resolve("checkpoint");
    TrainingFolder training = TrainingFolder.create(folder.resolve("training"), recipe(2, 2));
    DemoTraining opened = new DemoTraining(training, 1);
    opened.train(reports::add);
    opened.export(checkpoint);
    CheckpointSummary summary = CheckpointSummary.of(checkpoint);
    assertTrue(summary.refusals().isEmpty(), () -> summary.refusals().toString());
    assertEquals(List.of("a", "b"), reports.stream().map(TrainingReport::stage).toList());
    assertTrue(reports.stream().allMatch(report -> Double.isFinite(report.loss())));
    assertTrue(reports.get(1).right().containsKey("multi_key_256"), reports::toString);
    assertEquals(2, Files.readAllLines(folder.resolve("training/log.jsonl")).size());
  }

  @Test
  void exportsAfterAnExportThatWasKilled(@TempDir Path folder) throws IOException {
    DemoTraining training =
        new DemoTraining(TrainingFolder.create(folder.resolve("training"), recipe(1)), 1);
    Path checkpoint = folder.resolve("checkpoint");
    Files.createDirectories(checkpoint.resolve("export.partial"));
    Files.writeString(checkpoint.resolve("export.partial/tokenizer.json"), "half of it");
    training.export(checkpoint);
    try (Stream<Path> files = Files.list(checkpoint)) {
      assertEquals(
          List.of(
              "config.json",
              "generation_config.json",
              "model.safetensors",
              "tokenizer.json",
              "tokenizer_config.json"),
          files.map(file -> checkpoint.relativize(file).toString()).sorted().toList());
    }
  }

  @Test
  void refusesTextsThatAreLongerThanWhatTheNetworkIsFor() {
    String json = recipe(1).toJson().replace("\"256\" : 1.0", "\"8192\" : 1.0");
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> DemoRecipe.parse(json));
    assertTrue(String.valueOf(refusal.getMessage()).contains("8192"), refusal::toString);
  }

  @Test
  void goesOnAsIfItHadNotBeenStopped(@TempDir Path folder) throws Exception {
    byte[] atOnce = weights(folder.resolve("at once"), recipe(2, 3), recipe(2, 3));
    byte[] inTwo = weights(folder.resolve("in two"), recipe(2), recipe(2, 3));
    assertArrayEquals(atOnce, inTwo);
  }

  @Test
  void savesWhatIsFinishedWhenItIsInterrupted(@TempDir Path folder) throws Exception {
    byte[] atOnce = weights(folder.resolve("at once"), recipe(2, 30), recipe(2, 30));
    Path place = folder.resolve("stopped/training");
    DemoTraining stopped = new DemoTraining(TrainingFolder.create(place, recipe(2, 30)), 2);
    assertThrows(
        InterruptedException.class,
        () -> stopped.train(report -> Thread.currentThread().interrupt()));
    DemoTraining training = new DemoTraining(TrainingFolder.open(place), 2);
    List<TrainingReport> reports = new ArrayList<>();
    training.train(reports::add);
    training.export(folder.resolve("stopped/checkpoint"));
    assertTrue(reports.get(0).step() > 2, reports::toString);
    assertArrayEquals(
        atOnce, Files.readAllBytes(folder.resolve("stopped/checkpoint/model.safetensors")));
  }

  @Test
  void logsStepsThatItIsInterruptedAfter(@TempDir Path folder) throws Exception {
    DemoRecipe recipe = recipe(2, 3);
    Path whole = folder.resolve("whole");
    new DemoTraining(TrainingFolder.create(whole, recipe), 2).train(report -> {});
    Path place = folder.resolve("stopped");
    TrainingFolder created = TrainingFolder.create(place, withQuestions(recipe, 10_000));
    interruptInExam(new DemoTraining(created, 2));
    assertEquals(List.of("2"), values(place, "step"));
    Files.writeString(place.resolve("recipe.json"), recipe.toJson());
    new DemoTraining(TrainingFolder.open(place), 2).train(report -> {});
    for (String field : List.of("step", "stage", "tokens", "loss")) {
      assertEquals(values(whole, field), values(place, field));
    }
    assertEquals("{}", values(place, "right").get(0));
  }

  /** Trains until questions are asked, and interrupts that. */
  private static void interruptInExam(DemoTraining training) throws InterruptedException {
    Thread trained = Thread.currentThread();
    AtomicBoolean ended = new AtomicBoolean();
    Thread watch =
        new Thread(
            () -> {
              while (!ended.get()) {
                if (Arrays.stream(trained.getStackTrace())
                    .anyMatch(frame -> frame.getClassName().equals(DemoExam.class.getName()))) {
                  trained.interrupt();
                  return;
                }
                LockSupport.parkNanos(1_000_000);
              }
            });
    watch.setDaemon(true);
    watch.start();
    try {
      assertThrows(InterruptedException.class, () -> training.train(report -> {}));
    } finally {
      ended.set(true);
      watch.join();
    }
  }

  private static DemoRecipe withQuestions(DemoRecipe recipe, int questions) {
    return new DemoRecipe(
        recipe.seed(),
        recipe.shape(),
        recipe.warmupSteps(),
        recipe.examEvery(),
        questions,
        recipe.stages());
  }

  /** What the lines of a training's log say of a field. */
  private static List<String> values(Path training, String field) throws IOException {
    List<String> values = new ArrayList<>();
    for (String line : Files.readAllLines(training.resolve("log.jsonl"))) {
      values.add(new ObjectMapper().readTree(line).path(field).toString().replace("\"", ""));
    }
    return values;
  }

  @Test
  void threadsDoNotChangeWhatIsLearnt(@TempDir Path folder) throws Exception {
    byte[] alone = weights(folder.resolve("one"), recipe(2), recipe(3), 1);
    byte[] shared = weights(folder.resolve("three"), recipe(2), recipe(3), 3);
    assertArrayEquals(alone, shared);
  }

  private static byte[] weights(Path folder, DemoRecipe first, DemoRecipe then) throws Exception {
    return weights(folder, first, then, 1);
  }

  /** Trains by one recipe, then by another in a new start, and gives the exported weights. */
  private static byte[] weights(Path folder, DemoRecipe first, DemoRecipe then, int threads)
      throws Exception {
    Path place = folder.resolve("training");
    new DemoTraining(TrainingFolder.create(place, first), threads).train(report -> {});
    Files.writeString(place.resolve("recipe.json"), then.toJson());
    DemoTraining training = new DemoTraining(TrainingFolder.open(place), threads);
    training.train(report -> {});
    training.export(folder.resolve("checkpoint"));
    return Files.readAllBytes(folder.resolve("checkpoint/model.safetensors"));
  }

  private static DemoRecipe recipe(int... steps) {
    List<DemoRecipe.Stage> stages = new ArrayList<>();
    for (int i = 0; i < steps.length; i++) {
      String name = String.valueOf((char) ('a' + i));
      stages.add(
          new DemoRecipe.Stage(
              name,
              steps[i],
              256,
              Map.of(256, 1.0),
              1e-3,
              1e-3,
              0.3,
              0.3,
              0.2,
              0.5,
              0.2,
              0.8,
              0.2));
    }
    return new DemoRecipe(3, SHAPE, 1, 100, 1, stages);
  }

  @Test
  void thePublishedRecipeCanBeWrittenAndRead() {
    DemoRecipe recipe = DemoRecipe.published();
    assertEquals(recipe, DemoRecipe.parse(recipe.toJson()));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.15, 2})
  void aScaledRecipeKeepsItsShape(double factor) {
    DemoRecipe whole = DemoRecipe.published();
    DemoRecipe scaled = whole.scaled(factor);
    assertEquals(whole.totalSteps() * factor, scaled.totalSteps(), whole.stages().size());
    int before = 0;
    for (int i = 0; i < whole.stages().size(); i++) {
      DemoRecipe.Stage stage = scaled.stages().get(i);
      int last = before + stage.steps() - 1;
      assertEquals(whole.stages().get(i).withSteps(stage.steps()), scaled.place(last).stage());
      assertTrue(scaled.place(last).last());
      double end = stage.lastRate() + (stage.firstRate() - stage.lastRate()) / stage.steps();
      assertEquals(end, scaled.place(last).rate(), 1e-9);
      before += stage.steps();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"seed\": 1}", "{\"steps\": 1}", "[1]"})
  void refusesWhatIsNoRecipe(String json) {
    assertThrows(IllegalArgumentException.class, () -> DemoRecipe.parse(json));
  }

  @Test
  void doesNotBeginWhereATrainingIs(@TempDir Path folder) throws IOException {
    TrainingFolder.create(folder, recipe(1));
    assertThrows(IllegalArgumentException.class, () -> TrainingFolder.create(folder, recipe(2)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer.json", "model-00001-of-00004.safetensors", "merges.txt"})
  void leavesAFolderThatHoldsAModelAsItIs(String name, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "somebody's");
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> DemoTraining.requireFreshFolder(folder));
    assertTrue(String.valueOf(refusal.getMessage()).contains(file.toString()), refusal::toString);
    assertEquals("somebody's", Files.readString(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
