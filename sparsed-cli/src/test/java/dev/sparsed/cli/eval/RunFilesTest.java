package dev.sparsed.cli.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.eval.TinyCheckpoint;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.eval.model.CheckpointModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every row of the project's run files really runs, on tiny models and a task or two. */
class RunFilesTest {

  private final Path folder;
  private final StringWriter err = new StringWriter();

  RunFilesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private int run(Path model, Object... arguments) {
    EvalModelSource models =
        // Tiny tensors gain nothing from threads, and wait for them on a busy machine.
        given ->
            CheckpointModel.open(
                given.modelPath == null ? model.toString() : given.modelPath,
                given.options().withThreads(1));
    List<String> texts = new ArrayList<>();
    for (Object argument : arguments) {
      texts.add(String.valueOf(argument));
    }
    return EvalCommands.commandLine(models, DemoCheckpoint::folder)
        .setErr(new PrintWriter(err))
        .setOut(new PrintWriter(new StringWriter()))
        .execute(texts.toArray(String[]::new));
  }

  private void writeData() throws IOException {
    // Shorter than the files ask for: a task's own length comes first.
    String length = ", \"generation_length\": 32}\n";
    String choice = "{\"question\": \"Which?\", \"choices\": [\"1\", \"2\"], \"answer\": 1";
    Files.writeString(folder.resolve("mmlu.jsonl"), choice + length);
    Files.writeString(folder.resolve("mmlu_shots.jsonl"), (choice + "}\n").repeat(5));
    String sum = "{\"question\": \"1+1?\", \"answer\": \"so #### 2\"";
    Files.writeString(folder.resolve("gsm8k.jsonl"), sum + length);
    Files.writeString(folder.resolve("gsm8k_shots.jsonl"), (sum + "}\n").repeat(4));
    Files.writeString(folder.resolve("humaneval.jsonl"), "{\"prompt\": \"def f():\"" + length);
    // In the place of the tasks that the files would prepare, which are long.
    Files.createDirectories(folder.resolve("o"));
    for (String name : new String[] {"o/ruler-4k.jsonl", "o/ruler-8k.jsonl"}) {
      Files.writeString(
          folder.resolve(name),
          "{\"prompt\": \"The key is 7. Which key?\", \"references\": \"7\"" + length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sparsed-table1, tiny-dream, MMLU",
    "sparsed-table1, tiny-llada, RULER-8k",
    "sparsed-table2, tiny-llada, RULER-4k",
    "sparsed-table2, tiny-dream, speed",
    "sparsed-sweeps, tiny-dream, RULER-4k",
    "sparsed-figure4, tiny-dream, 4k",
    "sparse-dllm-table1, tiny-llada, MMLU",
    "sparse-dllm-table2, tiny-dream, HumanEval (unscored)",
    "sparse-dllm-sweeps, tiny-llada, GSM8K",
  })
  void everyRowRuns(String name, String model, String column) throws Exception {
    Path checkpoint = TinyCheckpoint.writeWithTemplate(folder, model);
    writeData();
    Path file = Path.of("../eval", name + ".json");
    JsonNode variables = JsonLines.parse(Files.readString(file)).path("variables");
    List<Object> command = new ArrayList<>(List.of("run", file, "--only", column));
    command.addAll(List.of("--out", folder.resolve("o"), "--set", "model=" + checkpoint));
    command.addAll(List.of("--set", "data=" + folder, "--set", "device=cpu"));
    if (variables.has("contexts")) {
      command.addAll(List.of("--set", "contexts=64"));
    }
    if (variables.has("steps")) {
      // The fewest of which one is sparse: the first is full, the second builds the pattern.
      command.addAll(List.of("--set", "steps=3"));
    }
    if (column.equals("4k")) {
      // Long: its other rows are run by the other files.
      command.addAll(List.of("--only", "SparseD"));
    }
    assertEquals(0, run(checkpoint, command.toArray()), err::toString);
    JsonNode table = JsonLines.parse(Files.readString(folder.resolve("o/table.json")));
    int filled = 0;
    for (JsonNode cell : table.get("cells")) {
      if (cell.get("column").asText().equals(column)) {
        JsonNode result = cell.get("result");
        if (result.isEmpty() && column.equals("4k")) {
          continue;
        }
        boolean measured = result.path("measurements").path(0).path("possible").asBoolean();
        assertTrue(measured || result.has("groups"), cell::toString);
        filled++;
      }
    }
    assertEquals(
        column.equals("4k") ? 1 : JsonLines.parse(Files.readString(file)).get("rows").size(),
        filled,
        table::toString);
  }

  @Test
  void stepsThatDoNotFitAreFoundBeforeAnythingRuns() throws Exception {
    Path checkpoint = TinyCheckpoint.write(folder, "tiny-llada");
    Path data =
        Files.writeString(
            folder.resolve("tasks.jsonl"),
            """
            {"prompt": "a", "references": "a", "metric": "exact_match", "generation_length": 32}
            {"prompt": "a", "references": "a", "metric": "exact_match", "generation_length": 128}
            {"messages": [{"role": "user", "content": "a"}], "references": "a",\
             "metric": "exact_match", "generation_length": 32}
            """);
    Path predictions = folder.resolve("p.jsonl");
    Object[] command = {
      "accuracy",
      "--model_path",
      checkpoint,
      "--data",
      data,
      "--out",
      predictions,
      "--steps",
      "30",
      "--method",
      "full"
    };
    assertEquals(2, run(checkpoint, command));
    assertTrue(
        err.toString()
            .contains("line 2: steps must be a multiple of the 4 blocks of 32 tokens but is 30"),
        err::toString);
    assertTrue(
        err.toString().contains("line 3: the checkpoint has no chat template"), err::toString);
    assertFalse(Files.exists(predictions));
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-dream, sparse-dllm:keep_prefix:keep_sinks=2",
    "tiny-llada, sparsed:score_scale=head_dimension:block_size=8",
    "tiny-dream, full:block_length=8",
    "tiny-llada, dual-cache:delay=3",
    "tiny-dream, sinks-window+prefix-cache:delay=1:sinks=2:window=0:block_size=8",
  })
  void settingsReachTheModel(String model, String method) throws Exception {
    Path checkpoint = TinyCheckpoint.write(folder, model);
    Path data =
        Files.writeString(
            folder.resolve("tasks.jsonl"),
            "{\"prompt\": \"abcdefghijklmnop\", \"references\": \"a\", \"metric\":"
                + " \"exact_match\"}");
    Path summary = folder.resolve("s.out");
    assertEquals(
        0,
        run(
            checkpoint,
            "accuracy",
            "--model_path",
            checkpoint,
            "--data",
            data,
            "--out",
            folder.resolve("p.jsonl"),
            "--summary",
            summary,
            "--seq_len",
            "30",
            "--method",
            method),
        err::toString);
    JsonNode speed = JsonLines.parse(Files.readString(summary)).get("speed");
    assertEquals(32, speed.get("positions").asInt(), "whole blocks");
    assertTrue(speed.get("device_peak_bytes").isNull());
    assertTrue(speed.get("positions_per_second").asDouble() > 0);
  }
}
