package dev.sparsed.eval.ruler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.eval.accuracy.EvalTask;
import dev.sparsed.eval.accuracy.TaskFile;
import dev.sparsed.eval.accuracy.TaskPrompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RulerGeneratorTest {

  private static final int SAMPLES = 4;

  // Pieces like those of byte-pair tokenizers: short runs of letters, single digits, signs.
  private static final Pattern PIECE = Pattern.compile("\\s?\\p{L}{1,5}|\\s?\\d|\\S|\\s+");

  private static int tokens(TaskPrompt prompt) {
    Matcher matcher = PIECE.matcher(prompt.text());
    int count = 0;
    while (matcher.find()) {
      count++;
    }
    return count;
  }

  private static QuestionFile questions() {
    ImmutableList.Builder<QuestionFile.Question> questions = ImmutableList.builder();
    ImmutableSet.Builder<String> documents = ImmutableSet.builder();
    for (int i = 0; i < 300; i++) {
      String document =
          "Town " + i + " has " + (5000 + i) + " people. " + "It rains. ".repeat(i % 7);
      documents.add(document);
      questions.add(
          new QuestionFile.Question(
              "How many people has town " + i + "?",
              ImmutableList.of("" + (5000 + i), "about that many"),
              ImmutableList.of(document)));
    }
    return new QuestionFile(questions.build(), documents.build());
  }

  private static List<String> lines(RulerTask task, int length, long seed) throws Exception {
    QuestionFile questions = questions();
    List<String> lines = new ArrayList<>();
    new RulerGenerator(
            length,
            seed,
            RulerGeneratorTest::tokens,
            ImmutableMap.of(RulerTask.QA_1, questions, RulerTask.QA_2, questions))
        .generate(task, SAMPLES, lines::add);
    return lines;
  }

  private static ImmutableList<EvalTask> tasks(Path folder, List<String> lines) throws Exception {
    Path file = Files.write(folder.resolve("tasks.jsonl"), lines);
    return TaskFile.read(file, Optional.empty());
  }

  @ParameterizedTest
  @EnumSource(RulerTask.class)
  void fillsTheLengthAndHoldsTheAnswers(RulerTask task, @TempDir Path folder) throws Exception {
    for (int length : new int[] {2048, 4096, 5000}) {
      ImmutableList<EvalTask> tasks = tasks(folder, lines(task, length, 1));
      assertEquals(SAMPLES, tasks.size());
      for (EvalTask sample : tasks) {
        int total = tokens(sample.prompt()) + task.generationLength();
        assertTrue(total <= length, total + " of " + length);
        // Less than one unit is left: a sentence, a line, three entries of a list, a document.
        assertTrue(total > length - 90, total + " of " + length);
        String text = sample.prompt().turns().get(0).content();
        boolean any = sample.references().stream().anyMatch(text::contains);
        boolean all = sample.references().stream().allMatch(text::contains);
        assertTrue(task.needsQuestions() ? any : all, sample.id());
        assertEquals(task.metric(), sample.metric());
        assertEquals(OptionalInt.of(task.generationLength()), sample.generationLength());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RulerTask.class)
  void followsTheSeed(RulerTask task) throws Exception {
    assertEquals(lines(task, 3000, 5), lines(task, 3000, 5));
    assertNotEquals(lines(task, 3000, 5), lines(task, 3000, 6));
    assertEquals(SAMPLES, new HashSet<>(lines(task, 3000, 5)).size(), "samples differ");
  }

  @ParameterizedTest
  @CsvSource({"NIAH_SINGLE_1,1", "NIAH_MULTIKEY_1,1", "NIAH_MULTIVALUE,4", "NIAH_MULTIQUERY,4"})
  void hidesEachNeedleOnce(RulerTask task, int answers, @TempDir Path folder) throws Exception {
    for (EvalTask sample : tasks(folder, lines(task, 4096, 2))) {
      String text = sample.prompt().turns().get(0).content();
      assertEquals(answers, new HashSet<>(sample.references()).size());
      for (String answer : sample.references()) {
        assertEquals(text.indexOf(answer), text.lastIndexOf(answer));
        String before = text.substring(0, text.indexOf(answer));
        String key = before.replaceFirst("(?s).*The secret \\w+ of (\\S+) is $", "$1");
        String question = text.substring(text.lastIndexOf('\n'));
        assertTrue(question.contains(key), question);
      }
    }
  }

  @Test
  void asksForWordsThatReallyAreTheMostFrequent(@TempDir Path folder) throws Exception {
    for (RulerTask task : new RulerTask[] {RulerTask.CWE, RulerTask.FWE}) {
      for (int length : new int[] {2048, 4096, 20000}) {
        for (EvalTask sample : tasks(folder, lines(task, length, 3))) {
          String text = sample.prompt().turns().get(0).content();
          String list = text.substring(0, text.lastIndexOf("Question:"));
          list = list.substring(list.lastIndexOf(task == RulerTask.CWE ? "those." : "ones."));
          Map<String, Integer> counts = new HashMap<>();
          for (String word : Splitter.onPattern("\\s+").split(list)) {
            if (word.matches("[a-z-]+")) {
              counts.merge(word, 1, Integer::sum);
            }
          }
          int least =
              sample.references().stream()
                  .mapToInt(w -> counts.getOrDefault(w, 0))
                  .min()
                  .getAsInt();
          counts.keySet().removeAll(sample.references());
          int most = counts.values().stream().mapToInt(n -> n).max().getAsInt();
          assertTrue(least > most, sample.id() + ": " + least + " and " + most);
        }
      }
    }
  }

  @Test
  void tracksVariablesThatHoldTheValue(@TempDir Path folder) throws Exception {
    for (EvalTask sample : tasks(folder, lines(RulerTask.VT, 4096, 4))) {
      String text = sample.prompt().turns().get(0).content();
      String value = text.replaceFirst("(?s).*hold the value (\\d+), set.*", "$1");
      Map<String, String> values = new HashMap<>();
      Matcher matcher = Pattern.compile("VAR (\\w+) = (?:VAR )?(\\w+)").matcher(text);
      while (matcher.find()) {
        String right = matcher.group(2);
        values.put(matcher.group(1), values.getOrDefault(right, right));
      }
      values.values().removeIf(held -> !held.equals(value));
      assertEquals(new HashSet<>(sample.references()), values.keySet());
    }
  }

  @Test
  void refusesLengthsThatHoldNoTask() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> lines(RulerTask.NIAH_SINGLE_1, 150, 1));
    assertTrue(String.valueOf(e.getMessage()).contains("too short for niah_single_1"));
  }

  @Test
  void stopsWhereTheDocumentsEnd(@TempDir Path folder) throws Exception {
    ImmutableList<EvalTask> tasks = tasks(folder, lines(RulerTask.QA_1, 100_000, 1));
    assertTrue(tasks.get(0).prompt().text().contains("Document 300:"));
  }

  @Test
  void wordListsShareNoWord() {
    List<String> all = new ArrayList<>();
    all.addAll(WordLists.NOUNS);
    all.addAll(WordLists.ADJECTIVES);
    all.addAll(WordLists.VERBS);
    assertEquals(all.size(), new HashSet<>(all).size());
  }

  @Test
  void fitsExactlyWithFewCounts() {
    for (int perUnit : new int[] {1, 7, 40}) {
      for (int budget : new int[] {100, 4096, 65536}) {
        int[] counts = {0};
        OptionalInt units =
            LengthFitter.mostUnits(
                n -> {
                  counts[0]++;
                  return 50 + n * perUnit + n % 3;
                },
                budget,
                1,
                Integer.MAX_VALUE - 1,
                200);
        int n = units.getAsInt();
        assertTrue(50 + n * perUnit + n % 3 <= budget);
        assertTrue(50 + (n + 1) * perUnit + (n + 1) % 3 > budget);
        assertTrue(counts[0] <= 14, counts[0] + " counts");
      }
    }
    assertEquals(OptionalInt.empty(), LengthFitter.mostUnits(n -> 10 * n, 9, 1, 5, 1));
    assertEquals(OptionalInt.of(5), LengthFitter.mostUnits(n -> 10 * n, 900, 1, 5, 3));
    assertEquals(
        Arrays.asList(1, 2, 3),
        Arrays.asList(
            LengthFitter.mostUnits(n -> n, 1, 1, 9, 9).getAsInt(),
            LengthFitter.mostUnits(n -> n, 2, 1, 9, 1).getAsInt(),
            LengthFitter.mostUnits(n -> n, 3, 1, 9, 5).getAsInt()));
  }
}
