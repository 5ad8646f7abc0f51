package dev.sparsed.cli.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.eval.accuracy.JsonLines;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EvalCommandsTest {

  private final Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  EvalCommandsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @BeforeEach
  void forget() {
    FakeModel.ASKED.clear();
    FakeModel.opened = 0;
    FakeModel.memory = Integer.MAX_VALUE;
    FakeModel.defaultTemperature = 0;
  }

  private CommandLine commands() {
    return EvalCommands.commandLine(FakeModel::open, DemoCheckpoint::folder)
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err));
  }

  private int run(Object... arguments) {
    return execute(commands(), arguments);
  }

  private static int execute(CommandLine commandLine, Object... arguments) {
    return commandLine.execute(
        Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
  }

  private Path tasks() throws IOException {
    return Files.writeString(
        folder.resolve("tasks.jsonl"),
        """
        {"group": "a", "prompt": "say [1]", "references": 1, "metric": "last_number"}
        {"group": "a", "prompt": "say [2]", "references": 3, "metric": "last_number"}
        {"group": "b", "prompt": "say [x y]", "references": ["x", "z"], "metric": "contains_all"}
        """);
  }

  @Test
  void scoresAndContinuesWithoutAskingAgain() throws Exception {
    Path data = tasks();
    Path predictions = folder.resolve("p.jsonl");
    Object[] command = {
      "accuracy",
      "--data",
      data,
      "--out",
      predictions,
      "--batch",
      2,
      "--json",
      "--summary",
      folder.resolve("s.json"),
      "--method",
      "full"
    };
    assertEquals(0, run(command), err::toString);
    JsonNode summary = JsonLines.parse(Files.readString(folder.resolve("s.json")));
    assertEquals(50, summary.get("average").asDouble());
    assertEquals("a", summary.get("groups").get(0).get("name").asText());
    assertTrue(summary.get("speed").get("tokens_per_second").asDouble() > 0);
    assertEquals(3, FakeModel.ASKED.size());

    byte[] whole = Files.readAllBytes(predictions);
    assertEquals(0, run(command));
    assertEquals(3, FakeModel.ASKED.size(), "all was there");
    Files.write(predictions, Arrays.copyOf(whole, whole.length - 5));
    assertEquals(0, run(command));
    assertEquals(4, FakeModel.ASKED.size(), "only the torn one is asked again");
    assertArrayEquals(whole, Files.readAllBytes(predictions));

    assertEquals(2, run("accuracy", "--data", data, "--out", predictions, "--batch", 2));
    assertTrue(err.toString().contains("method: was full"), err::toString);
  }

  @Test
  void aClusterNeedsALibraryForIt() throws Exception {
    assertEquals(
        2, run("accuracy", "--data", tasks(), "--out", folder.resolve("p.jsonl"), "--spark", "x"));
    assertTrue(err.toString().contains("--spark: no library for clusters"), err::toString);
    assertEquals(0, FakeModel.ASKED.size());
  }

  @Test
  void repeatingAFinishedRunKeepsWhatWasMeasuredOfIt() throws Exception {
    Path summary = folder.resolve("s.json");
    Path predictions = folder.resolve("p.jsonl");
    Object[] command = {"accuracy", "--data", tasks(), "--out", predictions, "--summary", summary};
    assertEquals(0, run(command), err::toString);
    String first = Files.readString(summary);
    assertEquals(3, JsonLines.parse(first).get("speed").get("tasks").asInt());
    assertEquals(0, run(command), err::toString);
    assertEquals(first, Files.readString(summary));

    // A summary of other predictions says nothing about these.
    Files.writeString(summary, first.replaceAll("(\"predictions\" : \")....", "$1----"));
    assertEquals(0, run(command), err::toString);
    JsonNode speed = JsonLines.parse(Files.readString(summary)).get("speed");
    assertEquals(0, speed.get("tasks").asInt());
    Files.writeString(summary, "no summary at all");
    assertEquals(0, run(command), err::toString);
    assertTrue(JsonLines.parse(Files.readString(summary)).has("speed"));
  }

  @Test
  void findsOutBeforeItWorksThatAResultCannotBeWritten() throws Exception {
    Path data = tasks();
    Path predictions = folder.resolve("p.jsonl");
    Path nowhere = folder.resolve("nowhere/x");
    assertEquals(2, run("accuracy", "--data", data, "--out", nowhere));
    assertTrue(err.toString().contains("the folder of --out " + nowhere), err::toString);
    assertEquals(2, run("accuracy", "--data", data, "--out", predictions, "--summary", nowhere));
    assertTrue(err.toString().contains("the folder of --summary " + nowhere), err::toString);
    assertEquals(2, run("accuracy", "--data", data, "--out", folder));
    assertTrue(err.toString().contains("--out must name a file"), err::toString);
    assertEquals(2, run("accuracy", "--data", data, "--out", predictions, "--summary", data));
    assertTrue(err.toString().contains("--data and --summary name the same file"), err::toString);
    assertEquals(
        2, run("accuracy", "--data", data, "--out", predictions, "--summary", predictions));
    assertEquals(2, run("speed", "--out", nowhere));
    assertEquals(2, run("speed", "--chart", nowhere));
    assertTrue(err.toString().contains("the folder of --chart " + nowhere), err::toString);
    assertEquals(2, run("ruler", "--length", "4k", "--out", nowhere));
    assertEquals(2, run(smallRun("--dry_run", "--out", data)));
    assertTrue(err.toString().contains("--out must name a folder"), err::toString);
    assertTrue(FakeModel.ASKED.isEmpty());
    assertFalse(Files.exists(predictions));
    assertTrue(Files.readString(data).contains("say [1]"), "the data is untouched");
  }

  @Test
  void reportsMalformedLinesBeforeAModelIsOpened() throws Exception {
    Path data = Files.writeString(folder.resolve("bad.jsonl"), "{\"prompt\": \"p\"}\n\nnot json\n");
    assertEquals(2, run("accuracy", "--data", data, "--out", folder.resolve("p.jsonl")));
    assertTrue(err.toString().contains("line 1: has no 'metric'"), err::toString);
    assertTrue(err.toString().contains("line 3: is not JSON"), err::toString);
    assertEquals(0, FakeModel.opened);
    assertFalse(Files.exists(folder.resolve("p.jsonl")));
  }

  @Test
  void refusesBadUse() throws Exception {
    Path data = tasks();
    Path missing = folder.resolve("missing.jsonl");
    Path predictions = folder.resolve("p.jsonl");
    assertEquals(2, run("accuracy", "--data", missing, "--out", predictions));
    assertEquals(2, run("accuracy", "--data", data, "--out", predictions, "--method", "fast"));
    assertEquals(2, run("accuracy", "--data", data, "--out", predictions, "--skip", "3"));
    assertEquals(2, run("accuracy", "--data", data, "--out", predictions, "--batch", "0"));
    assertEquals(2, run("accuracy", "--data", data, "--out", data));
    assertEquals(2, run("speed", "--contexts", "4q"));
    assertEquals(2, run("speed", "--runs", "0"));
    assertEquals(2, run("ruler", "--length", "100", "--out", missing));
    assertEquals(2, run("ruler", "--length", "4k", "--tasks", "qa_1", "--out", missing));
    assertEquals(2, run("run", missing));
    assertEquals(2, run());
    assertFalse(Files.exists(missing));
    assertTrue(Files.readString(data).contains("say [1]"), "the data is untouched");
  }

  @Test
  void makesRulerTasksThatItCanScore() throws Exception {
    Path data = folder.resolve("ruler.jsonl");
    assertEquals(
        0,
        run(
            "ruler",
            "--length",
            "2k",
            "--tasks",
            "niah_single_1,fwe",
            "--samples",
            3,
            "--out",
            data,
            "--apply_chat_template"),
        err::toString);
    assertEquals(6, Files.readAllLines(data).size());
    assertEquals(
        0, run("accuracy", "--data", data, "--out", folder.resolve("p.jsonl")), err::toString);
    assertTrue(out.toString().contains("niah_single_1"));
  }

  @Test
  void measuresSpeed() throws Exception {
    Path json = folder.resolve("speed.json");
    Path chart = folder.resolve("speed.png");
    assertEquals(
        0,
        run(
            "speed",
            "--methods",
            "full,sparsed,prefix-cache",
            "--contexts",
            "4k,8k",
            "--gen",
            "64",
            "--runs",
            2,
            "--out",
            json,
            "--chart",
            chart),
        err::toString);
    JsonNode about = JsonLines.parse(Files.readString(json)).get("about");
    assertTrue(about.has("instructions") && about.has("OMP_WAIT_POLICY"), about::toString);
    JsonNode measurements = JsonLines.parse(Files.readString(json)).get("measurements");
    assertEquals(6, measurements.size());
    assertEquals(8192, measurements.get(3).get("context").asInt());
    assertEquals(2.0, measurements.get(4).get("ratio").asDouble());
    assertFalse(measurements.get(2).get("possible").asBoolean());
    assertTrue(Files.size(chart) > 1000);
    assertTrue(out.toString().contains("All tokens count."));
    assertTrue(err.toString().contains("case 1/6: full, 4096 + 64 tokens"), err::toString);
    assertTrue(err.toString().contains("  32.0 tokens/s, 2.000 s/run"), err::toString);
    assertTrue(err.toString().contains("  not possible: no prefix cache here"), err::toString);
  }

  @Test
  void everyMethodGeneratesTheSameTokens() throws Exception {
    Path json = folder.resolve("speed.json");
    Object[] command = {
      "speed", "--methods", "full,dual-cache", "--gen", "100,120,128", "--out", json
    };
    assertEquals(0, run(command), err::toString);
    assertTrue(err.toString().contains("--gen 100 becomes 128"), err::toString);
    JsonNode report = JsonLines.parse(Files.readString(json));
    assertEquals(2, report.get("measurements").size(), "one length, measured once");
    for (JsonNode row : report.get("measurements")) {
      assertEquals(128, row.get("generation").asInt());
      assertEquals(128, row.get("steps").asInt());
      assertEquals(1.0, row.get("ratio").asDouble());
    }
    assertEquals("full", report.get("about").get("method full").asText(), "no blocks");
    assertEquals(
        "full, dual_cache, block_length=32", report.get("about").get("method dual-cache").asText());

    String both = "dual-cache:block_length=24,dual-cache:block_length=16";
    assertEquals(0, run("speed", "--methods", both, "--gen", "33", "--steps", "6", "--out", json));
    JsonNode row = JsonLines.parse(Files.readString(json)).get("measurements").get(0);
    assertEquals(48, row.get("generation").asInt());
    assertEquals(6, row.get("steps").asInt());
  }

  @Test
  void fillsATableAndDoesNothingTwice() throws Exception {
    tasks();
    Path file =
        Files.writeString(
            folder.resolve("run.json"),
            """
            {"title": "T", "about": ["bring ${data}"],
             "variables": {"data": null, "model": "m"},
             "prepare": [{"makes": "${out}/ruler.jsonl",
                "command": ["ruler", "--length", "2k", "--tasks", "vt", "--samples", "1",
                            "--out", "${out}/ruler.jsonl"]}],
             "rows": [{"name": "Full", "arguments": ["--model_path", "${model}", "--method", "full"]},
                      {"name": "+ SparseD", "arguments": ["--model_path", "${model}", "--method", "sparsed"]}],
             "columns": [{"name": "Tasks", "command": ["accuracy", "--data", "${data}/tasks.jsonl"]},
                         {"name": "RULER", "command": ["accuracy", "--data", "${out}/ruler.jsonl"]},
                         {"name": "Speed", "command": ["speed", "--contexts", "1k", "--gen", "8"]}]}
            """);
    Path results = folder.resolve("out");
    assertEquals(2, run("run", file, "--out", results));
    assertTrue(err.toString().contains("needs a value of 'data'"), err::toString);
    Object[] command = {"run", file, "--out", results, "--set", "data=" + folder};
    assertEquals(0, run("run", file, "--out", results, "--set", "data=" + folder, "--dry_run"));
    assertTrue(out.toString().contains("# bring " + folder), out::toString);
    assertTrue(FakeModel.ASKED.isEmpty());
    assertEquals(0, run(command), err::toString);
    String table = Files.readString(results.resolve("table.md"));
    assertTrue(table.contains("| + SparseD | 50.00<br>"), table);
    assertTrue(table.contains("8.00 tokens/s, 8.00 positions/s, 1.00 s"), table);
    int asked = FakeModel.ASKED.size();
    assertEquals(8, asked);
    assertEquals(0, run(command), err::toString);
    assertEquals(asked, FakeModel.ASKED.size());
    assertEquals(table, Files.readString(results.resolve("table.md")));
  }

  /** A run file with one prepared file and two cells, and its command line. */
  private Object[] smallRun(Object... more) throws IOException {
    boolean elsewhere = List.of(more).contains("--out");
    Path file =
        Files.writeString(
            folder.resolve("small.json"),
            """
            {"title": "T", "about": [], "variables": {"data": null, "samples": "1", "length": "2k"},
             "prepare": [{"makes": "${out}/ruler.jsonl",
                "command": ["ruler", "--length", "${length}", "--tasks", "vt",
                            "--samples", "${samples}", "--out", "${out}/ruler.jsonl"]}],
             "rows": [{"name": "64k Full", "arguments": ["--method", "full"]}],
             "columns": [{"name": "4k", "command": ["accuracy", "--data", "${out}/ruler.jsonl"]},
                         {"name": "64k", "command": ["accuracy", "--data", "${data}/tasks.jsonl"]}]}
            """);
    List<Object> command =
        new ArrayList<>(
            elsewhere
                ? List.of("run", file, "--set", "data=" + folder)
                : List.of("run", file, "--set", "data=" + folder, "--out", folder.resolve("o")));
    command.addAll(List.of(more));
    return command.toArray();
  }

  private int askedBy(Object... more) throws IOException {
    FakeModel.ASKED.clear();
    assertEquals(0, run(smallRun(more)), err::toString);
    return FakeModel.ASKED.size();
  }

  @Test
  void noticesOtherSettingsOtherDataAndFilesOfTheUsers() throws Exception {
    Path data = tasks();
    Path made = folder.resolve("o/ruler.jsonl");
    assertEquals(4, askedBy());
    assertEquals(0, askedBy());
    assertEquals(3, askedBy("--set", "samples=3"), "more samples are prepared and asked");
    assertEquals(3, Files.readAllLines(made).size());
    assertEquals(0, askedBy("--set", "samples=3"));
    assertTrue(err.toString().contains("now at "), err::toString);
    assertEquals(0, askedBy(), "what was asked before is there again");

    Files.writeString(data, Files.readString(data).replace("say [2]", "say [3]"));
    assertEquals(3, askedBy(), "other data");
    assertTrue(Files.readString(folder.resolve("o/table.md")).contains("75.00"));

    Files.writeString(made, Files.readString(data));
    assertEquals(3, askedBy("--set", "samples=9"), "the user's own file stays");
    assertEquals(Files.readString(data), Files.readString(made));
    assertTrue(err.toString().contains("was not made here"), err::toString);
  }

  @Test
  void otherDefaultsMakeACellAnew() throws Exception {
    tasks();
    assertEquals(4, askedBy());
    FakeModel.defaultTemperature = 0.5;
    assertEquals(4, askedBy(), "cells with other defaults are other cells");
    FakeModel.defaultTemperature = 0;
    assertEquals(0, askedBy());
  }

  /** A run file with a cell of each kind, and its command line. */
  private Object[] mixedRun(Object... more) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("mixed.json"),
            """
            {"title": "T", "about": [], "variables": {"data": null, "gen": "8"},
             "prepare": [{"makes": "${out}/ruler.jsonl",
                "command": ["ruler", "--length", "2k", "--tasks", "vt", "--samples", "1",
                            "--out", "${out}/ruler.jsonl"]}],
             "rows": [{"name": "Full", "arguments": ["--method", "full"]}],
             "columns": [
               {"name": "Tasks", "command":
                 ["accuracy", "--data", "${data}/tasks.jsonl", "--seq_len", "${gen}"]},
               {"name": "RULER", "command": ["accuracy", "--data", "${out}/ruler.jsonl"]},
               {"name": "Speed", "command": ["speed", "--contexts", "1k", "--gen", "${gen}"]}]}
            """);
    List<Object> command = new ArrayList<>(List.of("run", file));
    command.addAll(List.of(more));
    return command.toArray();
  }

  /** How many commands a run of a table runs. */
  private int commandsOf(Object[] command) {
    err.getBuffer().setLength(0);
    assertEquals(0, run(command), err::toString);
    return err.toString().split("sparsed eval ", -1).length - 1;
  }

  @Test
  void whatOtherSettingsPutAsideComesBackWhole() throws Exception {
    tasks();
    Path results = folder.resolve("o");
    Object[] command = mixedRun("--out", results, "--set", "data=" + folder);
    Object[] other = mixedRun("--out", results, "--set", "data=" + folder, "--set", "gen=16");
    assertEquals(4, commandsOf(command));
    String table = Files.readString(results.resolve("table.md"));
    assertEquals(2, commandsOf(other), "RULER has settings of its own");
    String otherTable = Files.readString(results.resolve("table.md"));
    assertNotEquals(table, otherTable);
    for (int turn = 0; turn < 2; turn++) {
      assertEquals(0, commandsOf(command), err::toString);
      assertEquals(table, Files.readString(results.resolve("table.md")));
      assertEquals(0, commandsOf(other), err::toString);
      assertEquals(otherTable, Files.readString(results.resolve("table.md")));
    }
  }

  @Test
  void anotherPathToTheSameFilesChangesNothing() throws Exception {
    tasks();
    Path results = folder.resolve("o");
    assertEquals(4, commandsOf(mixedRun("--out", results, "--set", "data=" + folder)));
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.move(folder.resolve("tasks.jsonl"), data.resolve("tasks.jsonl"));
    Path moved = Files.move(results, folder.resolve("moved"));
    Object[] command = mixedRun("--out", moved + "/../moved", "--set", "data=" + data);
    assertEquals(0, commandsOf(command), err::toString);
    assertTrue(Files.readString(moved.resolve("table.md")).contains("50.00"));
  }

  @Test
  void aTableOfOtherSettingsDoesNotStay() throws Exception {
    Path data = tasks();
    Path table = folder.resolve("o/table.md");
    assertEquals(4, askedBy());
    assertTrue(Files.readString(table).contains("50.00"));
    Files.writeString(data, Files.readString(data).replace("say [1]", "break [1]"));
    assertEquals(1, run(smallRun("--only", "64k")), "the model broke");
    assertFalse(Files.readString(table).contains("50.00"), () -> "still the old table");
    assertTrue(Files.readString(table).contains("tokens/s<br>"), "the other cell is there");
  }

  @Test
  void aResultThatSomebodyChangedIsNotBelieved() throws Exception {
    tasks();
    Object[] command = smallRun();
    assertEquals(0, run(command), err::toString);
    Path results = folder.resolve("o");
    Path result = results.resolve("64k--64k-full.json");
    String made = Files.readString(result);
    Files.writeString(result, made.replace("50.0", "100.0"));
    assertEquals(0, run(command), err::toString);
    assertTrue(err.toString().contains("changed since"), err::toString);
    assertEquals(
        JsonLines.parse(made).get("groups"),
        JsonLines.parse(Files.readString(result)).get("groups"));
    assertTrue(Files.readString(results.resolve("64k--64k-full.changed.json")).contains("100.0"));
  }

  @Test
  void namesTheByteOfARunFileThatIsNoText() throws Exception {
    Path file = folder.resolve("latin.json");
    Files.write(file, "{\"title\": \"\u00fc\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(1, run("run", file));
    assertTrue(err.toString().contains(file + " is not in UTF-8: its byte 11,"), err::toString);
  }

  @Test
  void printsCommandsThatAShellTakesBack() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("words.json"),
            """
            {"title": "T", "about": ["a\\nsparsed: done", "b\\u001b[2J"], "variables": {},
             "rows": [{"name": "r", "arguments": ["--method", "full"]}],
             "columns": [{"name": "c", "command":
               ["accuracy", "--data", "my tasks", "--metric", "it's\\nrm -rf"]}]}
            """);
    assertEquals(0, run("run", file, "--out", folder, "--dry_run"), err::toString);
    List<String> lines = out.toString().lines().toList();
    assertEquals("# a", lines.get(0));
    assertEquals("# sparsed: done", lines.get(1));
    assertEquals("# b\\u001b[2J", lines.get(2));
    assertTrue(
        lines
            .get(3)
            .startsWith("sparsed eval accuracy --data 'my tasks' --metric $'it\\'s\\u000arm -rf' "),
        lines.get(3));
    assertEquals(4, lines.size());
  }

  @Test
  void aCellThatLackedMemoryIsTriedAgain() throws Exception {
    tasks();
    Path results = folder.resolve("o");
    Object[] command = mixedRun("--out", results, "--set", "data=" + folder);
    FakeModel.memory = 512;
    assertEquals(4, commandsOf(command));
    assertTrue(err.toString().contains("memory was short in Speed of Full"), err::toString);
    assertTrue(Files.readString(results.resolve("table.md")).contains("out of memory"));
    FakeModel.memory = 2048;
    assertEquals(1, commandsOf(command));
    assertFalse(Files.readString(results.resolve("table.md")).contains("out of memory"));
    assertEquals(0, commandsOf(command));
  }

  @Test
  void verboseReachesTheCommandsOfATable() throws Exception {
    Path data = tasks();
    Files.writeString(data, Files.readString(data).replace("say [1]", "break [1]"));
    for (boolean verbose : new boolean[] {false, true}) {
      List<Boolean> heard = new ArrayList<>();
      CommandLine commands = commands();
      commands.setExecutionExceptionHandler(
          (exception, command, result) -> {
            heard.add(result.subcommand().hasMatchedOption("--verbose"));
            return 1;
          });
      Object[] command = smallRun("--only", "64k");
      if (verbose) {
        command = smallRun("--only", "64k", "--verbose");
      }
      assertEquals(1, execute(commands, command), err::toString);
      assertEquals(List.of(verbose), heard);
    }
  }

  @Test
  void stopsWhereWhatCellsNeedCannotBeMade() throws Exception {
    tasks();
    assertEquals(1, run(smallRun("--set", "length=100")));
    assertTrue(err.toString().contains("ruler.jsonl could not be made"), err::toString);
    assertTrue(FakeModel.ASKED.isEmpty());
  }

  @Test
  void picksCellsByNameAndKeepsTheOthersInTheTable() throws Exception {
    tasks();
    assertEquals(1, askedBy("--only", "4k"), "not 64k too");
    assertEquals(3, askedBy("--only", "64K", "--only", "full"));
    String table = Files.readString(folder.resolve("o/table.md"));
    assertEquals(2, table.split("tokens/s<br>", -1).length - 1, table);
    assertEquals(2, run(smallRun("--only", "8k")));
  }

  @Test
  void findsTasksThatCannotBeAnsweredBeforeAnyIsAsked() throws Exception {
    Path data =
        Files.writeString(
            folder.resolve("mixed.jsonl"),
            """
            {"prompt": "say [1]", "references": 1, "metric": "last_number"}

            {"prompt": "impossible", "references": 3, "metric": "last_number"}
            {"prompt": "impossible", "references": 3, "metric": "last_number"}
            {"prompt": "impossible", "references": 3, "metric": "none", "generation_length": 7}
            """);
    Path predictions = folder.resolve("p.jsonl");
    assertEquals(2, run("accuracy", "--data", data, "--out", predictions));
    assertTrue(
        err.toString().contains("lines 3, 4: nobody can answer that in 128 tokens"), err::toString);
    assertTrue(
        err.toString().contains("line 5: nobody can answer that in 7 tokens"), err::toString);
    assertTrue(FakeModel.ASKED.isEmpty());
    assertFalse(Files.exists(predictions), "no file that would refuse the corrected command");
  }

  @Test
  void saysWhichTasksAreLongerThanTheModelKnows() throws Exception {
    Path predictions = folder.resolve("p.jsonl");
    assertEquals(0, run("accuracy", "--data", tasks(), "--out", predictions, "--seq_len", "7999"));
    assertTrue(err.toString().contains("3 of 3 tasks have more positions than the 8000"));
    assertTrue(err.toString().contains("8002, in line 3"), err::toString);
  }

  @Test
  void saysWhichOptionsNoMethodUses() throws Exception {
    Object[] command = {
      "accuracy",
      "--data",
      tasks(),
      "--out",
      folder.resolve("p.jsonl"),
      "--method",
      "dual-cache",
      "--keep_ratio",
      "0.3",
      "--delay",
      "2"
    };
    assertEquals(0, run(command), err::toString);
    assertTrue(
        err.toString().contains("--keep_ratio is not used: it has no meaning for dual-cache"));
    assertFalse(err.toString().contains("--delay is not used"), err::toString);
  }

  @Test
  void reportsPositionsAndDeviceMemory() throws Exception {
    Path summary = folder.resolve("s.json");
    assertEquals(
        0, run("accuracy", "--data", tasks(), "--out", folder.resolve("p"), "--summary", summary));
    JsonNode speed = JsonLines.parse(Files.readString(summary)).get("speed");
    assertEquals(128, speed.get("tokens_per_second").asDouble());
    assertEquals(256, speed.get("positions_per_second").asDouble());
    assertEquals(3L << 29, speed.get("device_peak_bytes").asLong());
    assertTrue(out.toString().contains("positions/s"), out::toString);
  }

  @Test
  void comparesWithTheBaselineHoweverItIsSpelled() throws Exception {
    Path json = folder.resolve("speed.json");
    Object[] command = {
      "speed", "--methods", "sparse_dllm,sparsed", "--gen", "8", "--out", json, "--baseline", ""
    };
    command[8] = "Sparse_dLLM";
    assertEquals(0, run(command), err::toString);
    JsonNode report = JsonLines.parse(Files.readString(json));
    assertEquals("sparse-dllm", report.get("baseline").asText());
    assertEquals(2.0, report.get("measurements").get(1).get("ratio").asDouble());
    assertEquals(0, run("speed", "--methods", "sparsed,dual-cache", "--out", json));
    assertEquals(
        "sparsed", JsonLines.parse(Files.readString(json)).get("baseline").asText(), "the first");
    command[8] = "full";
    assertEquals(2, run(command));
    assertTrue(err.toString().contains("--baseline full is none of --methods"), err::toString);
  }

  @Test
  void theRunFilesOfThisProjectAreWellFormed() throws Exception {
    Path files = Path.of("../eval");
    List<Path> found;
    try (Stream<Path> list = Files.list(files)) {
      found = list.filter(path -> path.toString().endsWith(".json")).sorted().toList();
    }
    assertTrue(found.size() >= 5, () -> "run files: " + found);
    for (Path file : found) {
      List<Object> command = new ArrayList<>(List.of("run", file, "--dry_run"));
      JsonLines.parse(Files.readString(file))
          .path("variables")
          .properties()
          .forEach(
              variable -> {
                if (variable.getValue().isNull()) {
                  command.addAll(List.of("--set", variable.getKey() + "=x"));
                }
              });
      assertEquals(0, run(command.toArray()), () -> file + ": " + err);
    }
  }
}
