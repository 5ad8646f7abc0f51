package dev.sparsed.demo.exam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ExamQuestionTest {

  private static final Pattern WORD = Pattern.compile("\\w+|[^\\w\\s]");

  private static int words(String text) {
    return (int) WORD.matcher(text).results().count();
  }

  private static ExamQuestion draw(ExamTask task, int length, int room, long seed) {
    return ExamQuestion.draw(task, length, room, seed, ExamQuestionTest::words);
  }

  @Property(tries = 40)
  void theAnswerStandsInATextThatIsAsLongAsFits(
      @ForAll ExamTask task,
      @ForAll long seed,
      @ForAll @IntRange(min = 200, max = 3000) int length,
      @ForAll @IntRange(min = 32, max = 64) int room) {
    ExamQuestion question = draw(task, length, room, seed);
    for (String sentence : question.answer().split("(?<=\\.) ", -1)) {
      assertTrue(question.prompt().contains(sentence), sentence);
    }
    int size = words(question.prompt()) + room;
    assertTrue(size <= length && size > length - 30, () -> size + " of " + length);
    assertEquals(question, draw(task, length, room, seed));
    assertNotEquals(question, draw(task, length, room, seed + 1));
  }

  @Test
  void aLikeKeyIsToldEightTimesMore() {
    ExamQuestion question = draw(ExamTask.MULTI_KEY, 400, ExamQuestion.ROOM, 5);
    String verb = question.answer().split(" ", -1)[1];
    long told =
        List.of(question.prompt().split("(?<=\\.)\\s", -1)).stream()
            .filter(sentence -> sentence.contains(" " + verb + " "))
            .count();
    assertTrue(told >= 9, () -> told + " facts like " + question.answer());
  }

  @Test
  void wantsTheWholeAnswer() {
    ExamQuestion question = new ExamQuestion(ExamTask.MULTI_KEY, 512, "", "Ulla plays the piano.");
    assertTrue(question.isAnsweredBy(" Ulla plays the piano.\n"));
    assertFalse(question.isAnsweredBy("Ulla plays the piano"));
    assertFalse(question.isAnsweredBy("Ulla plays the piano. Ulla plays the piano."));
    assertFalse(question.isAnsweredBy("piano"));
    assertFalse(question.isAnsweredBy(""));
  }

  @Test
  void severalValuesAreRightInAnyOrderButEachOnce() {
    ExamQuestion question =
        new ExamQuestion(
            ExamTask.MULTI_VALUE, 512, "", "Ada keeps a hen. Ada keeps a cat. Ada keeps a dog.");
    assertTrue(question.isAnsweredBy("Ada keeps a cat. Ada keeps a dog. Ada keeps a hen."));
    assertFalse(question.isAnsweredBy("Ada keeps a cat. Ada keeps a dog."));
    assertFalse(question.isAnsweredBy("Ada keeps a cat. Ada keeps a dog. Ada keeps a dog."));
  }

  @Test
  void saysWhatALengthMustBe() {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> draw(ExamTask.MULTI_KEY, 64, ExamQuestion.ROOM, 1))
                .getMessage());
    assertTrue(message.contains("multi_key") && message.contains("64"), message);
  }

  @Test
  void namesOfTasksAreRead() {
    for (ExamTask task : ExamTask.values()) {
      assertEquals(task, ExamTask.parse(task.label()));
    }
    assertTrue(
        String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> ExamTask.parse("niah"))
                    .getMessage())
            .contains("variable_tracking"));
  }
}
