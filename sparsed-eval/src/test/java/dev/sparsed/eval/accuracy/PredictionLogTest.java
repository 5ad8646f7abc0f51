package dev.sparsed.eval.accuracy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionLogTest {

  private static final RunSettings SETTINGS = settings("0.3");
  private static final int BATCH = 3;

  private final Path folder;

  PredictionLogTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static RunSettings settings(String select) {
    return new RunSettings(ImmutableMap.of("model", "tiny", "select", select));
  }

  static ImmutableList<EvalTask> tasks(int count) {
    ImmutableList.Builder<EvalTask> tasks = ImmutableList.builder();
    for (int i = 0; i < count; i++) {
      tasks.add(
          new EvalTask(
              i + 1,
              "t" + i,
              "g",
              TaskPrompt.plain("prompt " + i),
              ImmutableList.of("é" + i),
              Metric.CONTAINS_ANY,
              ImmutableList.of(),
              0,
              // The sixth and seventh task want more tokens, so that batches are cut there.
              i == 5 || i == 6 ? OptionalInt.of(9) : OptionalInt.empty()));
    }
    return tasks.build();
  }

  /** Answers that depend on everything that must not change between runs. */
  static ImmutableList<String> answer(ImmutableList<TaskPrompt> prompts, int length, long seed) {
    return prompts.stream()
        .map(p -> "\n\"" + p.text() + "\" é of " + prompts.size() + " " + length + " " + seed)
        .collect(ImmutableList.toImmutableList());
  }

  private static byte[] run(Path file, ImmutableList<EvalTask> tasks, AnswerSource source)
      throws IOException {
    try (PredictionLog log =
        PredictionLog.open(file, SETTINGS, tasks, BATCH, PredictionLog.Durability.SYSTEM)) {
      new AccuracyRun(tasks, BATCH, 4, 7).run(source, log, (done, total, score) -> {});
    }
    return Files.readAllBytes(file);
  }

  @Test
  void continuesToTheSameBytesAfterATearAtEveryByte() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(8);
    byte[] whole = run(folder.resolve("whole.jsonl"), tasks, PredictionLogTest::answer);
    Path torn = folder.resolve("torn.jsonl");
    for (int length = 0; length <= whole.length; length++) {
      Files.write(torn, Arrays.copyOf(whole, length));
      int linesLeft =
          (int)
              new String(whole, 0, length, StandardCharsets.UTF_8)
                  .chars()
                  .filter(c -> c == '\n')
                  .count();
      Map<String, Integer> asked = new HashMap<>();
      byte[] continued =
          run(
              torn,
              tasks,
              (prompts, wanted, seed) -> {
                prompts.forEach(p -> asked.merge(p.text(), 1, Integer::sum));
                return answer(prompts, wanted, seed);
              });
      assertArrayEquals(whole, continued, "torn after byte " + length);
      int recorded = Math.max(0, linesLeft - 1);
      assertTrue(asked.size() <= tasks.size() - recorded + BATCH - 1, "only a torn batch again");
      assertTrue(asked.values().stream().allMatch(times -> times == 1));
    }
  }

  @Test
  void asksNothingWhenAllIsThere() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(4);
    Path file = folder.resolve("p.jsonl");
    run(file, tasks, PredictionLogTest::answer);
    run(
        file,
        tasks,
        (prompts, length, seed) -> {
          throw new AssertionError("asked " + prompts);
        });
  }

  @Test
  void survivesKilledProcesses() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(KilledRun.TASKS);
    byte[] whole = run(folder.resolve("whole.jsonl"), tasks, PredictionLogTest::answer);
    Path file = folder.resolve("killed.jsonl");
    int kills = 0;
    for (int attempt = 0; attempt < 3; attempt++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  KilledRun.class.getName(),
                  file.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log" + attempt).toFile())
              .start();
      long wanted = whole.length * (attempt + 1L) / 4;
      while (process.isAlive() && (!Files.exists(file) || Files.size(file) < wanted)) {
        Thread.sleep(1);
      }
      if (process.isAlive()) {
        process.destroyForcibly();
        kills++;
      }
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    }
    assertTrue(
        kills > 0, () -> "no process was alive to be killed: " + read(folder.resolve("log0")));
    assertArrayEquals(whole, run(file, tasks, PredictionLogTest::answer));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** A run in a process of its own that takes its time. */
  static final class KilledRun {
    static final int TASKS = 60;

    public static void main(String[] arguments) throws IOException {
      run(
          Path.of(arguments[0]),
          tasks(TASKS),
          (prompts, length, seed) -> {
            try {
              Thread.sleep(50);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return answer(prompts, length, seed);
          });
    }
  }

  @Test
  void refusesOtherSettingsAndSaysWhich() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(4);
    Path file = folder.resolve("p.jsonl");
    byte[] before = run(file, tasks, PredictionLogTest::answer);
    PredictionLogException e =
        assertThrows(
            PredictionLogException.class,
            () -> PredictionLog.open(file, settings("0.5"), tasks, BATCH));
    assertTrue(String.valueOf(e.getMessage()).contains("select: was 0.3, now 0.5"));
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void leavesFilesOfAnotherKindAlone() throws Exception {
    Path file = folder.resolve("notes.txt");
    for (String content : new String[] {"my notes", "my notes\n", "{\"a\": 1}\n", "\n"}) {
      Files.writeString(file, content);
      assertThrows(
          PredictionLogException.class,
          () -> PredictionLog.open(file, SETTINGS, tasks(4), BATCH),
          content);
      assertEquals(content, Files.readString(file));
    }
  }

  @Test
  void refusesDamageThatNoTornWriteExplains() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(11);
    Path file = folder.resolve("p.jsonl");
    byte[] whole = run(file, tasks, PredictionLogTest::answer);
    String text = new String(whole, StandardCharsets.UTF_8);
    Files.writeString(file, text.replace("\"id\":\"t2\"", "\"id\":\"x2\""));
    assertThrows(
        PredictionLogException.class, () -> PredictionLog.open(file, SETTINGS, tasks, BATCH));
    // A page of zeros in the last batch, as after a loss of power, is computed again.
    Files.writeString(file, text.replace("\"id\":\"t9\"", "\u0000".repeat(9)));
    assertArrayEquals(whole, run(file, tasks, PredictionLogTest::answer));
    Files.writeString(file, text + "{\"id\":\"t99\"}\n");
    assertThrows(
        PredictionLogException.class, () -> PredictionLog.open(file, SETTINGS, tasks, BATCH));
  }

  private PredictionLogException refused(String content, ImmutableList<EvalTask> tasks)
      throws IOException {
    Path file = folder.resolve("damaged.jsonl");
    Files.writeString(file, content);
    PredictionLogException refusal =
        assertThrows(
            PredictionLogException.class, () -> PredictionLog.open(file, SETTINGS, tasks, BATCH));
    assertEquals(content, Files.readString(file));
    return refusal;
  }

  @Test
  void believesNoScore() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(5);
    String text =
        new String(
            run(folder.resolve("p.jsonl"), tasks, PredictionLogTest::answer),
            StandardCharsets.UTF_8);
    for (String score : List.of("1e999", "-40", "NaN", "0.5", "\"0.0\"", "null", "0")) {
      for (int line = 0; line < 5; line++) {
        String damaged = changed(text, line, "\"score\":0.0", "\"score\":" + score);
        String refusal = String.valueOf(refused(damaged, tasks).getMessage());
        assertTrue(refusal.contains("is damaged: its line " + (line + 2) + " "), refusal);
      }
    }
    String refusal =
        String.valueOf(refused(changed(text, 4, ":0.0", ":1e999"), tasks).getMessage());
    assertTrue(refusal.contains("gives the score 1E+999, but its answer scores 0.0"), refusal);
  }

  @Test
  void noticesChangesThatLeaveTheScore() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(5);
    String text =
        new String(
            run(folder.resolve("p.jsonl"), tasks, PredictionLogTest::answer),
            StandardCharsets.UTF_8);
    for (int line = 0; line < 5; line++) {
      refused(changed(text, line, "prompt ", "Prompt "), tasks);
      refused(changed(text, line, "\"group\":\"g\"", "\"group\":\"h\""), tasks);
      refused(changed(text, line, "}", ",\"score\":0.0}"), tasks);
      refused(changed(text, line, "}", " }"), tasks);
      refused(changed(text, line, "}", "}}"), tasks);
      refused(changed(text, line, "\"check\":\"", "\"check\":\"0"), tasks);
    }
    String[] lines = text.split("\n", -1);
    refused(text.replace(lines[2] + "\n", ""), tasks);
    refused(text.replace(lines[5] + "\n", lines[5] + "\n" + lines[5] + "\n"), tasks);
    refused(text + "and more", tasks);
    refused(text.replace(lines[5] + "\n", "my notes"), tasks);
    // Of a run with other settings, under the first line of this one.
    Path other = folder.resolve("other.jsonl");
    try (PredictionLog log =
        PredictionLog.open(other, settings("0.5"), tasks, BATCH, PredictionLog.Durability.SYSTEM)) {
      new AccuracyRun(tasks, BATCH, 4, 7).run(PredictionLogTest::answer, log, (d, t, s) -> {});
    }
    refused(Files.readString(other).replace("0.5", "0.3"), tasks);
  }

  private static String changed(String text, int line, String from, String to) {
    String[] lines = text.split("\n", -1);
    String changed = lines[line + 1].replace(from, to);
    assertNotEquals(lines[line + 1], changed);
    lines[line + 1] = changed;
    return String.join("\n", lines);
  }

  @Test
  void refusesBytesThatAreNoText() throws Exception {
    ImmutableList<EvalTask> tasks = tasks(5);
    Path file = folder.resolve("p.jsonl");
    byte[] bytes = run(file, tasks, PredictionLogTest::answer);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("prompt");
    bytes[at] = (byte) 0xFC;
    Files.write(file, bytes);
    PredictionLogException refusal =
        assertThrows(
            PredictionLogException.class, () -> PredictionLog.open(file, SETTINGS, tasks, BATCH));
    assertTrue(String.valueOf(refusal.getMessage()).contains("its byte " + at + ","));
    assertArrayEquals(bytes, Files.readAllBytes(file));
  }

  @Test
  void namesTheFileThatCannotTakeMore() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full");
    IOException failure =
        assertThrows(IOException.class, () -> PredictionLog.open(full, SETTINGS, tasks(2), BATCH));
    assertTrue(String.valueOf(failure.getMessage()).startsWith("/dev/full"));
  }

  @Test
  void letsOnlyOneRunWrite() throws Exception {
    Path file = folder.resolve("p.jsonl");
    PredictionLog first = PredictionLog.open(file, SETTINGS, tasks(2), BATCH);
    assertThrows(
        PredictionLogException.class, () -> PredictionLog.open(file, SETTINGS, tasks(2), BATCH));
    first.close();
    PredictionLog.open(file, SETTINGS, tasks(2), BATCH).close();
  }
}
