package dev.sparsed.eval.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableList;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "The answer is 18.|18",
        "18|18",
        "#### 1,234|1234",
        "It is 5. #### 7 apples, not 9|7",
        "first #### 3 then #### 4|4",
        "#### none, so 12|12",
        "costs $1,000.50.|1000.50",
        "-3|-3",
        "x = -3.5|-3.5",
        "−4 degrees|-4",
        "-$20|-20",
        "$-20|-20",
        "+7|7",
        "5-3|3",
        "10 - 5|5",
        "(2)-1|1",
        "pages 3–4|4",
        "about .5 of it|0.5",
        "fig.5|5",
        "50%|50",
        "1,2,3|3",
        "12,345,67|67",
        "1,234,567 people|1234567",
        "3.0|3",
        "2 and then 007|7",
        "room B12|12",
      })
  void readsTheLastNumber(String text, String number) {
    BigDecimal read = Numbers.last(text).orElseThrow();
    assertEquals(0, read.compareTo(new BigDecimal(number)), text + " read as " + read);
  }

  @Test
  void findsNoNumberInWords() {
    assertEquals(Optional.empty(), Numbers.last("no idea. -, $ ####"));
    assertEquals(Optional.empty(), Numbers.last(""));
    assertEquals(Optional.empty(), Numbers.last("9".repeat(5000)), "no work on endless digits");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "B|B",
        "b|B",
        "(B)|B",
        "B. Paris, because A is wrong|B",
        "B) Paris|B",
        "The answer is C.|C",
        "The answer is (C)|C",
        "the correct answer: D|D",
        "Answer: **B**|B",
        "The answer is A? No, the answer is B.|B",
        "I think it is (D), not (A).|D",
        "A dog is an animal, so it must be C|C",
        "I would choose D|D",
        "Option B is right|B",
        "The answer is option C|C",
        "It is Rome of course|C",
        "Paris or Rome|-",
        "E|-",
        "no idea|-",
        "A|A",
        "a|A",
        "A is right|-",
        "The answer is a riddle|-",
      })
  void readsTheChosenLetter(String answer, String letter) {
    ImmutableList<String> choices = ImmutableList.of("Berlin", "Paris", "Rome", "Madrid");
    String chosen = Choices.chosen(answer, choices, 4).map(c -> "" + Choices.letter(c)).orElse("-");
    assertEquals(letter, chosen, answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "EXACT_MATCH| two   words|1",
        "EXACT_MATCH|Two words|0",
        "EXACT_MATCH|three|1",
        "CONTAINS_ALL|THREE and two words|1",
        "CONTAINS_ALL|two words|0.5",
        "CONTAINS_ALL|two|0",
        "CONTAINS_ANY|I say: Three|1",
        "CONTAINS_ANY|four|0",
      })
  void scoresTextMatches(Metric metric, String answer, double score) {
    EvalTask task = task(metric, "two words", "three");
    assertEquals(score, metric.score(answer, task));
  }

  @Test
  void treatsControlCharactersAsLineBreaks() {
    assertEquals(
        1, Metric.EXACT_MATCH.score("two\u0001words\u0000", task(Metric.EXACT_MATCH, "two words")));
  }

  @Test
  void lastNumberComparesValuesNotTexts() {
    assertEquals(
        1, Metric.LAST_NUMBER.score("18.00", task(Metric.LAST_NUMBER, "9+9=<<18>> #### 18")));
    assertEquals(0, Metric.LAST_NUMBER.score("nothing", task(Metric.LAST_NUMBER, "18")));
  }

  @Test
  void namesItsValuesWhenAskedForAnother() {
    assertEquals(Metric.CONTAINS_ALL, Metric.parse("Contains-All"));
    assertThrows(IllegalArgumentException.class, () -> Metric.parse("bleu"));
  }

  private static EvalTask task(Metric metric, String... references) {
    return new EvalTask(
        1,
        "1",
        "g",
        TaskPrompt.plain("?"),
        ImmutableList.copyOf(references),
        metric,
        ImmutableList.of(),
        0,
        OptionalInt.empty());
  }
}
