package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.checkpoint.CheckpointException;
import dev.sparsed.models.checkpoint.CheckpointSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoTrainingTest {

  @Test
  void aFewStepsGiveACheckpointThatCanBeUsed(@TempDir Path folder) throws IOException {
    List<Double> losses = new ArrayList<>();
    new DemoTraining(DemoRecipe.PUBLISHED.scaled(0.001), 1)
        .train(folder, (step, total, loss, right) -> losses.add(loss));
    CheckpointSummary summary = CheckpointSummary.of(folder);
    assertTrue(summary.refusals().isEmpty(), () -> summary.refusals().toString());
    assertTrue(losses.stream().allMatch(Double::isFinite), losses::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer.json", "model-00001-of-00004.safetensors", "merges.txt"})
  void leavesAFolderThatHoldsAModelAsItIs(String name, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "somebody's");
    AtomicInteger reports = new AtomicInteger();
    CheckpointException refusal =
        assertThrows(
            CheckpointException.class,
            () ->
                new DemoTraining(DemoRecipe.PUBLISHED.scaled(0.001), 1)
                    .train(folder, (step, total, loss, right) -> reports.incrementAndGet()));
    assertTrue(String.valueOf(refusal.getMessage()).contains(file.toString()), refusal::toString);
    assertEquals(0, reports.get(), "refused before the training");
    assertEquals("somebody's", Files.readString(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
