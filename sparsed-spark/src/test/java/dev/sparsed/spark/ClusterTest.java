package dev.sparsed.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A short form of what {@code measure-cluster} does with more questions. */
class ClusterTest {

  @Test
  void aWorkerThatIsKilledInTheMiddleCostsNoAnswerAndChangesNone() throws Exception {
    Path home = Files.createTempDirectory(Path.of("target"), "cluster").toAbsolutePath();
    List<String> questions = Questions.of(16);
    ClusterRun run = ClusterRun.of(home, questions, 2, 8, 3);
    assertEquals(Questions.answersAlone(questions), run.answers());
    assertEquals(2, run.executors());
    assertEquals(1, run.lostExecutors());
  }
}
