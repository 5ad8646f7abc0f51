package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExamCommandTest {

  private static Invocation exam(String options) {
    return Invocation.of(("eval exam " + options).split(" ", -1));
  }

  @Test
  void givesACellPerTaskAndLength() throws IOException {
    Invocation invocation =
        exam("--method full --questions 1 --lengths 192,256 --tasks multi_key --seed 3 --json");
    assertEquals(0, invocation.exitCode(), invocation.err());
    JsonNode result = new ObjectMapper().readTree(invocation.out());
    assertEquals(3, result.path("seed").asInt());
    assertEquals(2, result.path("cells").size());
    JsonNode cell = result.path("cells").get(1);
    assertEquals("multi_key", cell.path("task").asText());
    assertEquals(256, cell.path("length").asInt());
    assertEquals("full", cell.path("method").asText());
    assertEquals(1, cell.path("questions").asInt());
    assertTrue(cell.path("correct").asInt() <= 1);
    assertTrue(cell.path("forward_passes").asInt() >= 1);
    assertTrue(cell.path("seconds").asDouble() > 0);
  }

  @Test
  void asksSeveralMethodsTheSame() throws IOException {
    Invocation invocation =
        exam(
            "--methods full,sparsed,threshold --questions 1 --lengths 192 --tasks single_needle"
                + " --json");
    assertEquals(0, invocation.exitCode(), invocation.err());
    JsonNode cells = new ObjectMapper().readTree(invocation.out()).path("cells");
    assertEquals(3, cells.size());
    assertEquals("sparsed", cells.get(1).path("method").asText());
    assertTrue(cells.get(1).path("density").asDouble() > 0);
    assertFalse(cells.get(0).has("density"));
    assertTrue(
        cells.get(2).path("forward_passes").asInt() < cells.get(0).path("forward_passes").asInt());
    for (JsonNode cell : cells) {
      assertTrue(cell.path("tokens_per_second").asDouble() > 0, cell.toString());
    }
  }

  @Test
  void printsATable() {
    Invocation invocation =
        exam("--method sparsed:select=0.5 --questions 1 --lengths 192 --tasks single_needle");
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertEquals(2, invocation.out().lines().count(), invocation.out());
    assertTrue(invocation.out().contains("sparsed:select=0.5"), invocation.out());
  }

  @ParameterizedTest
  @CsvSource({
    "--tasks niah,variable_tracking",
    "--lengths 64 --questions 1,does not fit",
    "--lengths some,some",
    "--questions 0,must be 1 to 1000000",
    "--method fast,fast",
    "--method full --methods full,exclude each other",
    "--methods full --select 0.5,has no meaning for any"
  })
  void saysWhatIsWrong(String options, String expected) {
    Invocation invocation = exam(options);
    assertEquals(2, invocation.exitCode(), invocation.err());
    assertTrue(invocation.err().contains(expected), invocation.err());
  }

  @Test
  void everyMethodOfTheDemoModelsTableIsAskedOnce(@TempDir Path folder) throws IOException {
    String table = Files.readString(Path.of("..", "eval", "demo-table.json"));
    Path file = Files.writeString(folder.resolve("table.json"), table.replace("\"2k\"", "\"256\""));
    String out = folder.resolve("out").toString();
    String[] command = {
      "eval", "run", file.toString(), "--out", out, "--set", "questions=1", "--only", "2,048 tokens"
    };
    Invocation first = Invocation.of(command);
    assertEquals(0, first.exitCode(), first.err());
    int rows = new ObjectMapper().readTree(table).path("rows").size();
    assertEquals(rows, first.err().lines().filter(line -> line.contains("eval exam")).count());
    List<String> filled =
        first.out().lines().filter(line -> line.contains("| 4 |")).collect(Collectors.toList());
    assertEquals(rows, filled.size(), first.out());

    Invocation second = Invocation.of(command);
    assertEquals(0, second.exitCode(), second.err());
    assertFalse(second.err().contains("eval exam"), "what is done is not asked again");
    assertEquals(first.out(), second.out());
  }

  @Test
  void writesItsCellsToAFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("exam.json");
    Invocation invocation =
        exam("--method full --questions 1 --lengths 192 --tasks multi_key --out " + file);
    assertEquals(0, invocation.exitCode(), invocation.err());
    JsonNode cell = new ObjectMapper().readTree(file.toFile()).path("cells").get(0);
    assertEquals("multi_key", cell.path("task").asText());
    assertTrue(cell.has("standard_error"));
  }
}
