package dev.sparsed.eval.prompts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.text.Tokenizer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongContextTest {

  /** Words and punctuation marks, roughly as tokenizers cut. */
  private static int words(String text) {
    return text.split("\\s+|(?=[.?:])").length;
  }

  @Property(tries = 50)
  void hasExactlyTheWantedLength(@ForAll @IntRange(min = 40, max = 3000) int length) {
    Prompt prompt = LongContext.question(length, LongContextTest::words);
    assertEquals(length, words(prompt.text()));
  }

  @Property(tries = 50)
  void tellsTheAnswerExactlyOnce(@ForAll @IntRange(min = 40, max = 3000) int length) {
    Prompt prompt = LongContext.question(length, LongContextTest::words);
    String[] parts = prompt.text().split("Question: ", -1);
    String subject = parts[1].replaceAll("^(Where does|What does|How many coins does) (the )?", "");
    subject = subject.replaceAll(" (live|keep|play|hold)\\?$", "");
    String verb = parts[1].replaceAll(".* (live|keep|play|hold)\\?$", "$1");
    String fact = subject + " " + verb;
    assertTrue(parts[0].contains(fact), () -> fact + " in " + prompt.text());
    assertEquals(parts[0].indexOf(fact), parts[0].lastIndexOf(fact));
    assertTrue(parts[0].contains(prompt.expected().orElseThrow()));
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 65536})
  void hasExactlyTheWantedLengthInTokens(int length) {
    try (Tokenizer tokenizer = Tokenizer.load(DemoCheckpoint.folder())) {
      TokenCount count = text -> tokenizer.encode(text, Tokenizer.SpecialTokens.AS_WRITTEN).length;
      assertEquals(length, count.of(LongContext.question(length, count).text()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5})
  void refusesLengthsThatNoQuestionFitsIn(int length) {
    assertThrows(
        IllegalArgumentException.class, () -> LongContext.question(length, LongContextTest::words));
  }
}
