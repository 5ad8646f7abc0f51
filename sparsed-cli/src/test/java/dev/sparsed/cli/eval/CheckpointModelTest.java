package dev.sparsed.cli.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.eval.TinyCheckpoint;
import dev.sparsed.eval.accuracy.ChatTurn;
import dev.sparsed.eval.accuracy.EvalTask;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.eval.accuracy.TaskFile;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.model.CheckpointModel;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.SharedModel;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The tiny checkpoints of the published code with the published tokenizers. */
class CheckpointModelTest {

  private static final Path GOLDENS = Path.of("../sparsed-models/src/test/resources/goldens");

  private final Path folder;

  CheckpointModelTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Path checkpoint(String model, String tokenizer) throws IOException {
    for (Path source :
        new Path[] {
          GOLDENS.resolve("checkpoints").resolve(model),
          GOLDENS.resolve("tokenizers").resolve(tokenizer)
        }) {
      try (Stream<Path> files = Files.list(source)) {
        for (Path file : files.toList()) {
          Files.copy(
              file,
              folder.resolve(file.getFileName().toString()),
              StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return folder;
  }

  private static EvalModel open(Path checkpoint) {
    // Tiny tensors gain nothing from threads, and wait for them on a busy machine.
    return CheckpointModel.open(checkpoint.toString(), ModelOptions.DEFAULT.withThreads(1));
  }

  private static CommandLine commands(SharedModel shared, Path checkpoint) {
    EvalModelSource source = arguments -> shared.open("", () -> open(checkpoint));
    return EvalCommands.commandLine(source, DemoCheckpoint::folder);
  }

  @ParameterizedTest
  @CsvSource({"tiny-dream,dream", "tiny-llada,llada"})
  void rulerFillsLengthsOfRealTokenizers(String model, String tokenizer) throws Exception {
    Path checkpoint = checkpoint(model, tokenizer);
    Path data = folder.resolve("ruler.jsonl");
    StringWriter err = new StringWriter();
    // Shared, as reading Dream's vocabulary takes its time.
    try (SharedModel shared = new SharedModel()) {
      int exit =
          commands(shared, checkpoint)
              .setErr(new PrintWriter(err))
              .setOut(new PrintWriter(new StringWriter()))
              .execute(
                  "ruler",
                  "--length",
                  "4k",
                  "--samples",
                  "1",
                  "--apply_chat_template",
                  "--out",
                  data.toString());
      assertEquals(0, exit, err::toString);
      ImmutableList<EvalTask> tasks = TaskFile.read(data, Optional.empty());
      assertEquals(11, tasks.size());
      EvalModel opened = shared.open("", () -> open(checkpoint));
      for (EvalTask task : tasks) {
        int total = opened.tokens(task.prompt(), true) + task.generationLength().orElseThrow();
        assertTrue(total <= 4096 && total > 4096 - 120, task.id() + " has " + total);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-dream,dream", "tiny-llada,llada"})
  void rendersConversationsAndPutsTheAnswerPrefixLast(String model, String tokenizer)
      throws Exception {
    Path checkpoint = checkpoint(model, tokenizer);
    TaskPrompt plain = TaskPrompt.plain("How are you?");
    TaskPrompt prefixed = new TaskPrompt(plain.turns(), false, " I am");
    TaskPrompt chat =
        new TaskPrompt(
            ImmutableList.of(new ChatTurn("system", "Be kind."), new ChatTurn("user", "Hello")),
            true,
            "");
    try (EvalModel opened = open(checkpoint)) {
      assertTrue(opened.tokens(plain, true) > opened.tokens(plain, false));
      assertTrue(opened.tokens(prefixed, true) >= opened.tokens(plain, true) + 2);
      assertTrue(opened.tokens(chat, false) > 6);
      assertEquals(4, opened.identity().size());
      assertEquals(opened.identity(), open(checkpoint).identity());
    }
  }

  @Test
  void answersOfOtherWeightsOrPositionsAreNotTakenForTheSame() throws Exception {
    Path checkpoint = TinyCheckpoint.write(folder, "tiny-llada");
    Set<Map<String, String>> identities = new HashSet<>();
    for (ModelOptions options :
        List.of(
            ModelOptions.DEFAULT,
            ModelOptions.DEFAULT.withPrecision(Precision.FLOAT32),
            ModelOptions.DEFAULT.withWeights(WeightScheme.Q8),
            ModelOptions.DEFAULT.withWeights(WeightScheme.Q4),
            ModelOptions.DEFAULT.withRotary(ModelOptions.RotaryChange.NONE.withBase(20_000)),
            ModelOptions.DEFAULT.withRotary(ModelOptions.RotaryChange.NONE.withFactor(4)))) {
      try (EvalModel model = CheckpointModel.open(checkpoint.toString(), options)) {
        assertTrue(identities.add(model.identity()), options.toString());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-dream", "tiny-llada-gqa"})
  void answersAndMeasuresWithARealModel(String model) throws Exception {
    Path checkpoint = TinyCheckpoint.write(folder, model);
    Path data =
        Files.writeString(
            folder.resolve("tasks.jsonl"),
            """
            {"prompt": "ab", "references": "a", "metric": "contains_any", "generation_length": 12}
            {"prompt": "a b c d e f g", "references": "a", "metric": "contains_any"}
            {"prompt": "cd", "references": "a", "metric": "contains_any"}
            """);
    StringWriter err = new StringWriter();
    try (SharedModel shared = new SharedModel()) {
      Path whole = folder.resolve("whole.jsonl");
      assertEquals(0, answer(shared, checkpoint, data, whole, err), err::toString);
      byte[] bytes = Files.readAllBytes(whole);
      assertEquals(4, Files.readAllLines(whole).size());
      Path torn = folder.resolve("torn.jsonl");
      for (int length : new int[] {bytes.length / 2}) {
        Files.write(torn, Arrays.copyOf(bytes, length));
        assertEquals(0, answer(shared, checkpoint, data, torn, err), err::toString);
        assertArrayEquals(bytes, Files.readAllBytes(torn));
      }
      Path json = folder.resolve("speed-report.out");
      int exit =
          commands(shared, checkpoint)
              .setErr(new PrintWriter(err))
              .setOut(new PrintWriter(new StringWriter()))
              .execute(
                  "speed",
                  "--methods",
                  "full,sparsed,sparsed+no-skip,sparsed+no-reuse,sparsed+no-isolation,sinks-window",
                  "--contexts",
                  "40",
                  "--gen",
                  "16",
                  "--block_length",
                  "16",
                  "--runs",
                  "1",
                  "--block_size",
                  "8",
                  "--window",
                  "1",
                  "--out",
                  json.toString());
      assertEquals(0, exit, err::toString);
      for (JsonNode row : JsonLines.parse(Files.readString(json)).get("measurements")) {
        assertTrue(row.get("possible").asBoolean(), row::toString);
        assertEquals("", row.get("note").asText());
        assertEquals(16, row.get("positions").asInt());
        assertTrue(row.get("tokens_per_second").get("median").asDouble() > 0);
        int steps = 0;
        for (JsonNode phase : row.get("phases")) {
          steps += phase.get("steps").asInt();
        }
        assertTrue(steps > 0 && steps <= 16, row::toString);
      }
    }
  }

  @Test
  void timesOnlyStepsThatRunTheModelAndTellsCachedOnesApart() throws Exception {
    Path checkpoint = TinyCheckpoint.write(folder, "tiny-llada-gqa");
    Path json = folder.resolve("phases.out");
    StringWriter err = new StringWriter();
    try (SharedModel shared = new SharedModel()) {
      int exit =
          commands(shared, checkpoint)
              .setErr(new PrintWriter(err))
              .setOut(new PrintWriter(new StringWriter()))
              .execute(
                  "speed",
                  "--methods",
                  "dual-cache,dual-cache+threshold:threshold=0",
                  "--baseline",
                  "dual-cache",
                  "--contexts",
                  "40",
                  "--gen",
                  "16",
                  "--block_length",
                  "8",
                  "--runs",
                  "1",
                  "--warmups",
                  "0",
                  "--out",
                  json.toString());
      assertEquals(0, exit, err::toString);
    }
    JsonNode rows = JsonLines.parse(Files.readString(json)).get("measurements");
    assertEquals(Map.of("full", 2, "full-cached", 14), steps(rows.get(0)));
    // Every candidate is above the threshold: the first step of each of the two blocks does it all.
    assertEquals(Map.of("full", 2), steps(rows.get(1)));
  }

  @Test
  void roundsALengthToBlocksBeforeItCountsItsSteps() throws Exception {
    Path checkpoint = TinyCheckpoint.write(folder, "tiny-llada-gqa");
    Path json = folder.resolve("rounded.out");
    StringWriter err = new StringWriter();
    try (SharedModel shared = new SharedModel()) {
      String[] command = {
        "speed",
        "--methods",
        "full",
        "--contexts",
        "8",
        "--gen",
        "9",
        "--block_length",
        "8",
        "--runs",
        "1",
        "--warmups",
        "0",
        "--out",
        json.toString()
      };
      int exit =
          commands(shared, checkpoint)
              .setErr(new PrintWriter(err))
              .setOut(new PrintWriter(new StringWriter()))
              .execute(command);
      assertEquals(0, exit, err::toString);
    }
    JsonNode report = JsonLines.parse(Files.readString(json));
    JsonNode row = report.get("measurements").get(0);
    assertTrue(row.get("possible").asBoolean(), row::toString);
    assertEquals(16, row.get("generation").asInt());
    assertEquals(16, row.get("steps").asInt());
    assertEquals(16, row.get("positions").asInt());
    assertEquals("full, block_length=8", report.get("about").get("method full").asText());
  }

  private static Map<String, Integer> steps(JsonNode row) {
    Map<String, Integer> steps = new HashMap<>();
    row.get("phases")
        .forEach(phase -> steps.put(phase.get("phase").asText(), phase.get("steps").asInt()));
    return steps;
  }

  private static int answer(
      SharedModel shared, Path checkpoint, Path data, Path out, StringWriter err) {
    return commands(shared, checkpoint)
        .setErr(new PrintWriter(err))
        .setOut(new PrintWriter(new StringWriter()))
        .execute(
            "accuracy",
            "--data",
            data.toString(),
            "--out",
            out.toString(),
            "--batch",
            "2",
            "--seq_len",
            "32",
            "--method",
            "sparsed:block_size=8",
            "--temperature",
            "0.7");
  }
}
