package dev.sparsed.eval.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.eval.accuracy.JsonLines;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunTableTest {

  private static final RunFile FILE =
      RunFile.parse(
          """
          {"title": "T", "about": [],
           "rows": [{"name": "r", "arguments": []}, {"name": "s", "arguments": []}],
           "columns": [{"name": "MMLU", "command": ["accuracy", "--metric", "multiple_choice"]},
                       {"name": "Code", "command": ["accuracy", "--metric", "none"]},
                       {"name": "GSM8K", "command": ["accuracy", "--metric", "last_number"]},
                       {"name": "Time", "command": ["speed"]}]}
          """,
          Map.of());

  private final RunTable table = new RunTable(FILE);

  private void put(int row, int column, String json) {
    table.put(FILE.rows().get(row), FILE.columns().get(column), JsonLines.parse(json));
  }

  private List<String> line(String row) {
    String line =
        table.toMarkdown().lines().filter(l -> l.startsWith("| " + row)).findFirst().orElseThrow();
    return List.of(line.replaceAll("^\\| ", "").split(" ?\\| ?", -1));
  }

  @Test
  void averagesTheScoredColumnsAndLeavesOthersOut() {
    put(0, 0, "{\"average\": 40, \"groups\": []}");
    put(0, 1, "{\"average\": null, \"groups\": []}");
    put(0, 2, "{\"average\": 65, \"groups\": []}");
    assertEquals(List.of("r", "40.00", "not scored", "65.00", "", "52.50", ""), line("r"));
    assertTrue(table.toMarkdown().contains("| MMLU | Code | GSM8K | Time | Avg. |"));
  }

  @Test
  void hasNoAverageWhileAScoreIsMissing() {
    put(0, 0, "{\"average\": 40, \"groups\": []}");
    put(1, 0, "{\"average\": 40, \"groups\": []}");
    put(1, 2, "{\"average\": 60, \"groups\": []}");
    assertEquals("", line("r").get(5));
    assertEquals("50.00", line("s").get(5), "the unscored column may be missing");
  }

  @Test
  void showsThroughputAndMemoryOfHostAndDevice() {
    put(
        0,
        0,
        """
        {"average": 40, "groups": [], "speed": {"tokens_per_second": 2.5,
         "positions_per_second": 10, "host_peak_bytes": 1073741824,
         "device_peak_bytes": 2147483648}}
        """);
    assertEquals(
        "40.00<br>2.50 tokens/s<br>10.00 positions/s<br>2.00 GiB on the device<br>1.00 GiB",
        line("r").get(1));
    put(
        0,
        3,
        """
        {"measurements": [{"context": 4096, "generation": 64, "possible": true,
          "tokens_per_second": {"median": 3}, "positions_per_second": 4, "seconds": {"median": 16},
          "host_peak_bytes": 1073741824, "device_peak_bytes": null},
         {"context": 8192, "generation": 64, "possible": false}]}
        """);
    assertEquals(
        "4096+64: 3.00 tokens/s, 4.00 positions/s, 16.00 s, 1.00 GiB<br>8192+64: not possible",
        line("r").get(4));
    assertTrue(table.toMarkdown().contains("positions/s every generated position"));
  }

  @Test
  void jsonHoldsEveryCell() {
    put(0, 0, "{\"average\": 40, \"groups\": []}");
    JsonNode json = table.toJson();
    assertEquals(8, json.get("cells").size());
    assertEquals(40, json.get("cells").get(0).get("result").get("average").asInt());
    assertFalse(json.get("cells").get(1).get("result").has("average"));
  }

  private static final RunFile EXAM =
      RunFile.parse(
          """
          {"title": "E", "about": [],
           "rows": [{"name": "r", "arguments": []}, {"name": "s", "arguments": []}],
           "columns": [{"name": "2k", "command": ["exam"]}]}
          """,
          Map.of());

  @Test
  void anExamIsATableOfItsTasksWithStandardErrors() {
    RunTable exam = new RunTable(EXAM);
    exam.put(
        EXAM.rows().get(0),
        EXAM.columns().get(0),
        JsonLines.parse(
            """
            {"cells": [{"task": "multi_key", "correct": 5, "questions": 10, "forward_passes": 310,
                        "tokens": 100, "seconds": 5.0, "density": 0.25},
                       {"task": "chain", "correct": 10, "questions": 10, "forward_passes": 300,
                        "tokens": 200, "seconds": 1.0, "density": 0.75}]}
            """));
    // sqrt(0.5 * 0.5 / 10) is 15.8 %; the mean of it and of an exact cell has half of that.
    assertEquals(
        """
        ## E

        ### 2k

        |  | all | multi key | chain | questions | passes per answer | tokens/s | density |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        | r | 75.0 ± 7.9 | 50.0 ± 15.8 | 100.0 ± 0.0 | 20 | 30.5 | 50.0 | 0.500 |
        | s | | | | | | | |

        Right answers in percent, with their standard error; tokens up to the end of each answer.
        """,
        exam.toMarkdown());
  }
}
