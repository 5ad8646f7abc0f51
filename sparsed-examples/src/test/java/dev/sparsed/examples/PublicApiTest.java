package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.testing.PublicSurface;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users can call is written down in {@code api}, one file per module, so that a change of it
 * is seen in the difference of a commit; {@code sparsed-spark} compares its own. {@code ./mvnw test
 * -pl sparsed-examples -am -Dtest=PublicApiTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dsparsed.api=write} writes the files anew.
 */
class PublicApiTest {

  private static final Pattern FOREIGN =
      Pattern.compile(
          "com\\.google\\.|com\\.fasterxml\\.|org\\.slf4j\\.|ai\\.djl\\.|\\.internal\\.");

  private static final Pattern TOP_LEVEL_TYPE =
      Pattern.compile("public [a-z ]*(?:class|interface) [\\w.]+(?![\\w.$]).*");

  @ParameterizedTest
  @CsvSource({
    "core, dev.sparsed.pattern.SparsePattern",
    "cpu, dev.sparsed.cpu.CpuBackend",
    "cuda, dev.sparsed.cuda.CudaBackend",
    "text, dev.sparsed.text.Tokenizer",
    "models, dev.sparsed.models.DiffusionModel",
    "langchain4j, dev.sparsed.langchain4j.DiffusionChatModel",
    "micrometer, dev.sparsed.micrometer.AnswerMetrics",
    "report, dev.sparsed.report.Report",
    "server, dev.sparsed.server.SparsedServer",
    "demo, dev.sparsed.demo.DemoCheckpoint",
    "eval, dev.sparsed.eval.SpeedEvaluation"
  })
  void theSurfaceIsTheOneWrittenDown(String module, Class<?> any) throws Exception {
    PublicSurface.of(any).requireWritten("sparsed-" + module);
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "cpu", "cuda", "text", "models"})
  void theLibraryShowsNoTypesOfOthersAndNoneOfItsInside(String module) throws IOException {
    List<String> lines =
        Files.readAllLines(PublicSurface.FILES.resolve("sparsed-" + module + ".txt"));
    assertEquals(List.of(), lines.stream().filter(FOREIGN.asPredicate()).toList());
  }

  /** Each public type is a promise: a number goes up only where a feature needs it. */
  @ParameterizedTest
  @CsvSource({"core, 36", "cpu, 9", "cuda, 7", "text, 5", "models, 75"})
  void theLibraryHasNoMorePublicTypesThanItNeeds(String module, int most) throws IOException {
    long types =
        Files.readAllLines(PublicSurface.FILES.resolve("sparsed-" + module + ".txt")).stream()
            .filter(TOP_LEVEL_TYPE.asMatchPredicate())
            .count();
    assertTrue(
        types <= most, () -> module + " has " + types + " public types, " + most + " so far");
  }
}
