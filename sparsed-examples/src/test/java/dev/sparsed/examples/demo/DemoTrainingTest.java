package dev.sparsed.examples.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.checkpoint.CheckpointSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
