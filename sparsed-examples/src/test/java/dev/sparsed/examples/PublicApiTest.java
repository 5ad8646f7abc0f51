package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users can call is written down in {@code api}, one file per module, so that a change of it
 * is seen in the difference of a commit. {@code ./mvnw test -pl sparsed-examples -am
 * -Dtest=PublicApiTest -Dsurefire.failIfNoSpecifiedTests=false -Dsparsed.api=write} writes the
 * files anew.
 */
class PublicApiTest {

  private static final Path FILES = Path.of("../api");

  private static final Pattern FOREIGN =
      Pattern.compile(
          "com\\.google\\.|com\\.fasterxml\\.|org\\.slf4j\\.|ai\\.djl\\.|\\.internal\\.");

  /** KeyValueCache carries plans out; it is public for the loop over steps alone. */
  private static final String ENGINE_OF_THE_CACHES = "LayerAttention attention(";

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
    String surface =
        surface(Path.of(any.getProtectionDomain().getCodeSource().getLocation().toURI()));
    Path file = FILES.resolve("sparsed-" + module + ".txt");
    if ("write".equals(System.getProperty("sparsed.api"))) {
      Files.writeString(file, surface);
    }
    assertTrue(Files.exists(file), () -> "no " + file + "; see the comment of this test");
    assertEquals(
        Files.readString(file),
        surface,
        "the public API of sparsed-" + module + " has changed: see the comment of this test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "cpu", "cuda", "text", "models"})
  void theLibraryShowsNoTypesOfOthersAndNoneOfItsInside(String module) throws IOException {
    List<String> lines = Files.readAllLines(FILES.resolve("sparsed-" + module + ".txt"));
    assertEquals(
        List.of(),
        lines.stream()
            .filter(FOREIGN.asPredicate())
            .filter(line -> !line.contains(ENGINE_OF_THE_CACHES))
            .toList());
  }

  /** The public classes outside internal packages with their public and protected members. */
  private static String surface(Path classes) throws IOException, ReflectiveOperationException {
    List<String> arguments = new ArrayList<>(List.of("-protected", "-cp", classes.toString()));
    for (String name : classNames(classes)) {
      if (isPublic(Class.forName(name, false, PublicApiTest.class.getClassLoader()))) {
        arguments.add(name);
      }
    }
    StringWriter text = new StringWriter();
    PrintWriter writer = new PrintWriter(text);
    int status =
        ToolProvider.findFirst("javap")
            .orElseThrow()
            .run(writer, writer, arguments.toArray(new String[0]));
    assertEquals(0, status, text::toString);
    return text.toString()
        .lines()
        .filter(line -> !line.startsWith("Compiled from"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static List<String> classNames(Path classes) throws IOException {
    if (Files.isDirectory(classes)) {
      return classNamesBelow(classes);
    }
    try (FileSystem jar = FileSystems.newFileSystem(classes)) {
      return classNamesBelow(jar.getPath("/"));
    }
  }

  private static List<String> classNamesBelow(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .map(name -> name.replace('/', '.').replace('\\', '.'))
          .filter(name -> !name.contains(".internal."))
          .sorted()
          .toList();
    }
  }

  private static boolean isPublic(Class<?> type) {
    for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
      if (!Modifier.isPublic(outer.getModifiers()) || outer.isAnonymousClass()) {
        return false;
      }
    }
    return true;
  }
}
