package dev.sparsed.eval.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskFileTest {

  private final Path folder;

  TaskFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Path file(String... lines) throws IOException {
    return Files.writeString(folder.resolve("my_tasks.jsonl"), String.join("\n", lines));
  }

  @Test
  void readsOwnFields() throws Exception {
    Path file =
        file(
            "\uFEFF{\"id\": \"a\", \"group\": \"g\", \"prompt\": \"p\", \"references\": [\"r\", 2],"
                + " \"metric\": \"contains_all\", \"generation_length\": 32, \"answer_prefix\": \""
                + " so\"}",
            "",
            "{\"messages\": [{\"role\": \"system\", \"content\": \"s\"}, {\"role\": \"user\","
                + " \"content\": \"u\"}], \"references\": \"r\", \"metric\": \"exact_match\"}\r");
    ImmutableList<EvalTask> tasks = TaskFile.read(file, Optional.empty());
    assertEquals(2, tasks.size());
    EvalTask first = tasks.get(0);
    assertEquals("a", first.id());
    assertEquals(ImmutableList.of("r", "2"), first.references());
    assertEquals(OptionalInt.of(32), first.generationLength());
    assertEquals("p so", first.prompt().text());
    EvalTask second = tasks.get(1);
    assertEquals("line 3", second.id());
    assertEquals("my_tasks", second.group());
    assertTrue(second.prompt().chat());
  }

  @Test
  void readsTextsWithGaps() throws Exception {
    EvalTask task =
        TaskFile.read(
                file("{\"infill\": \"a <gap:3> b <gap:2>\", \"references\": \"r\"}"),
                Optional.of(Metric.EXACT_MATCH))
            .get(0);
    assertEquals(OptionalInt.of(5), task.generationLength());
    assertEquals(ImmutableList.of(3, 2), task.prompt().gaps().orElseThrow().gaps());
    assertGapsRefused("has no gap", "{\"infill\": \"a\"}");
    assertGapsRefused("both 'infill' and 'prompt'", "{\"infill\": \"<gap:3>\", \"prompt\": \"p\"}");
  }

  private void assertGapsRefused(String why, String line) {
    TaskFileException refused =
        assertThrows(
            TaskFileException.class, () -> TaskFile.read(file(line), Optional.of(Metric.NONE)));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }

  @Test
  void readsPublicDataSetsAsTheyAre() throws Exception {
    Path file =
        file(
            "{\"question\": \"2+2?\", \"answer\": \"2+2=<<4>>4\\n"
                + "#### 4\", \"metric\": \"last_number\"}",
            "{\"question\": \"Which?\", \"choices\": [\"x\", \"y\"], \"answer\": 1, \"subject\":"
                + " \"s\", \"metric\": \"multiple_choice\"}",
            "{\"index\": 0, \"input\": \"long\", \"outputs\": [\"7\"], \"length\": 9,"
                + " \"answer_prefix\": \" is\", \"metric\": \"contains_all\"}");
    ImmutableList<EvalTask> tasks = TaskFile.read(file, Optional.empty());
    assertEquals("Which?\nA. x\nB. y\nAnswer:", tasks.get(1).prompt().text());
    assertEquals(1, Metric.MULTIPLE_CHOICE.score("B", tasks.get(1)));
    assertEquals(1, Metric.LAST_NUMBER.score("It is 4.", tasks.get(0)));
    assertEquals("long is", tasks.get(2).prompt().text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[`1`, `2`, `3`, `4`]|1|B",
        "[1, 2, 3, 4]|1|B",
        "[`1`, `2`, `3`, `4`]|`1`|A",
        "[`4`, `3`, `0`]|0|A",
        "[`x`, `y`]|1.0|B",
        "[`x`, `y`]|`b`|B",
        "[`x`, `y`]|`y`|B",
        "[`A`, `B`, `AB`, `O`]|`B`|B",
        "4|3|D",
        "4|`c`|C",
      })
  void aNumberIsAnIndexAndATextIsATextOrALetter(String choices, String answer, String letter)
      throws Exception {
    String line =
        String.format(
                Locale.ROOT,
                "{\"question\": \"?\", \"choices\": %s, \"answer\": %s, \"metric\": \"multiple_choice\"}",
                choices,
                answer)
            .replace('`', '"');
    assertEquals(
        ImmutableList.of(letter), TaskFile.read(file(line), Optional.empty()).get(0).references());
    EvalTask task = TaskFile.read(file(line), Optional.empty()).get(0);
    assertEquals(1, Metric.MULTIPLE_CHOICE.score("The answer is " + letter, task));
    Path shots = Files.writeString(folder.resolve("shots.jsonl"), line);
    String shown = FewShot.read(shots, 1).before(task, false).prompt().text();
    assertTrue(shown.contains(" " + letter + "\n\n?"), shown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[`x`, `y`]|2|a number",
        "[`x`, `y`]|-1|a number",
        "[`x`, `y`]|0.5|a number",
        "[`x`, `y`]|`1`|without quotes",
        "[`x`, `y`]|`z`|a letter A to B",
        "[`B`, `A`]|`A`|the letter of another",
      })
  void refusesAnswersThatNameNoChoiceOrTwo(String choices, String answer, String why)
      throws Exception {
    Path file =
        file(
            String.format(
                    Locale.ROOT,
                    "{\"question\": \"?\", \"choices\": %s, \"answer\": %s, \"metric\": \"multiple_choice\"}",
                    choices,
                    answer)
                .replace('`', '"'));
    TaskFileException e =
        assertThrows(TaskFileException.class, () -> TaskFile.read(file, Optional.empty()));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
    assertThrows(TaskFileException.class, () -> FewShot.read(file, 1));
  }

  @Test
  void reportsEveryMalformedLineAtOnce() throws Exception {
    Path file =
        file(
            "{\"prompt\": \"p\", \"references\": \"r\", \"metric\": \"exact_match\", \"id\": 1}",
            "{\"prompt\": \"p\"",
            "[]",
            "{\"prompt\": \"p\", \"references\": \"r\", \"metric\": \"bleu\"}",
            "{\"prompt\": \"p\", \"references\": \"r\"}",
            "{\"prompt\": \"p\", \"metric\": \"exact_match\"}",
            "{\"references\": \"r\", \"metric\": \"exact_match\"}",
            "{\"prompt\": \"p\", \"references\": \"r\", \"metrc\": \"exact_match\"}",
            "{\"prompt\": \"p\", \"references\": \"r\", \"metric\": \"last_number\"}",
            "{\"prompt\": \"p\", \"references\": \"r\", \"metric\": \"multiple_choice\"}",
            "{\"prompt\": \"p\", \"references\": \"C\", \"choices\": 2, \"metric\":"
                + " \"multiple_choice\"}",
            "{\"prompt\": \"p\", \"references\": [], \"metric\": \"exact_match\"}",
            "{\"prompt\": \"p\", \"references\": \"r\", \"metric\": \"exact_match\", \"id\":"
                + " \"1\"}",
            "{\"prompt\": \"p\", \"references\": \"r\", \"metric\": \"exact_match\","
                + " \"generation_length\": 0}",
            "{\"prompt\": \"p\", \"prompt\": \"q\", \"references\": \"r\", \"metric\":"
                + " \"exact_match\"}",
            "{\"prompt\": \"p\", \"references\": 1e999999999, \"metric\": \"exact_match\"}",
            "{\"prompt\": \"p\", \"references\": \"r\", \"metric\": \"exact_match\"} x",
            "{\"messages\": [], \"references\": \"r\", \"metric\": \"exact_match\"}");
    TaskFileException e =
        assertThrows(TaskFileException.class, () -> TaskFile.read(file, Optional.empty()));
    assertEquals(17, e.problems().size(), e.getMessage());
    for (int i = 0; i < 17; i++) {
      assertEquals(i + 2, e.problems().get(i).line());
    }
    assertTrue(String.valueOf(e.getMessage()).contains("id \"1\" is already that of line 1"));
    assertTrue(String.valueOf(e.getMessage()).contains("unknown field \"metrc\""));
  }

  @Test
  void refusesOtherEncodingsAndEmptyFiles() throws Exception {
    Path latin = folder.resolve("latin.jsonl");
    Files.write(latin, "{\"prompt\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
    TaskFileException e =
        assertThrows(TaskFileException.class, () -> TaskFile.read(latin, Optional.empty()));
    assertEquals(1, e.problems().get(0).line());
    assertTrue(
        e.problems().get(0).what().contains("is not in UTF-8: its byte 12,"), e.getMessage());
    assertThrows(TaskFileException.class, () -> TaskFile.read(file(""), Optional.empty()));
  }

  /** What a file says must not look like what the program says. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'prompt': 'p', 'references': 'r', 'metric': 'BAD'}",
        "{'prompt': 'p', 'references': 'r', 'metric': 'exact_match', 'BAD': 1}",
        "{'prompt': 'p', 'references': 'r', 'metric': 'exact_match', 'id': ['BAD']}",
        "{'prompt': 'p', 'references': 'BAD', 'metric': 'last_number'}",
        "{'prompt': 'p', 'references': {'BAD': 1}, 'metric': 'exact_match'}",
        "{'prompt': 'p', 'references': 'BAD', 'choices': 2, 'metric': 'multiple_choice'}",
        "{'prompt': 'p', 'references': 'r', 'choices': 'BAD', 'metric': 'multiple_choice'}",
        "{'messages': [{'role': 'BAD', 'content': 'c'}], 'references': 'r', 'metric': 'none'}",
        "{'prompt': 'p', 'metric': 'none', 'generation_length': 'BAD'}",
        "{'BAD': 1, 'BAD': 2}",
        "['BAD']",
        "'BAD'",
        "{'prompt': BAD}",
      })
  void quotesWhatItShowsOfAFile(String line) throws Exception {
    String bad = "x\\nsparsed: all is well\\u001b[J\\u009bm\\u202e\\r";
    Path file = file(line.replace('\'', '"').replace("BAD", bad));
    TaskFileException e =
        assertThrows(TaskFileException.class, () -> TaskFile.read(file, Optional.empty()));
    String message = String.valueOf(e.getMessage());
    assertEquals(2, message.lines().count(), message);
    assertTrue(
        message.chars().noneMatch(c -> (c != '\n' && Character.isISOControl(c)) || c == '\u202e'),
        message);
    assertTrue(message.contains("sparsed: all is well"), message);
  }

  @Test
  void putsExamplesBeforeTasks() throws Exception {
    Path shots =
        Files.writeString(
            folder.resolve("shots.jsonl"),
            """
            {"question": "1+1?", "answer": "#### 2"}
            {"question": "Which?", "choices": ["x", "y"], "answer": 1}
            """);
    Path tasks = file("{\"prompt\": \"3+3?\", \"references\": \"6\", \"metric\": \"last_number\"}");
    EvalTask task = TaskFile.read(tasks, Optional.empty()).get(0);
    FewShot two = FewShot.read(shots, 2);
    assertEquals(
        "1+1? #### 2\n\nWhich?\nA. x\nB. y\nAnswer: B\n\n3+3?",
        two.before(task, false).prompt().text());
    assertEquals(5, two.before(task, true).prompt().turns().size());
    assertThrows(TaskFileException.class, () -> FewShot.read(shots, 3));
  }
}
