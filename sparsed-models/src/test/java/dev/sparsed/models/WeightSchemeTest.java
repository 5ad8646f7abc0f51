package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.WeightScheme.Bits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How schemes are written. */
final class WeightSchemeTest {

  @Test
  void headAndEmbeddingHaveAChoiceOfTheirOwn() {
    assertEquals(WeightScheme.AS_STORED, WeightScheme.parse("stored"));
    assertEquals(WeightScheme.Q8, WeightScheme.parse("Q8"));
    assertEquals(WeightScheme.Q4, WeightScheme.parse("q4"));
    assertEquals(
        new WeightScheme(Bits.Q4, Bits.Q8, Bits.STORED),
        WeightScheme.parse("q4, head=q8, embedding=stored"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored", "q8", "q4", "q4,head=stored", "q8,embedding=q4"})
  void isReadAsItIsWritten(String text) {
    WeightScheme scheme = WeightScheme.parse(text);
    assertEquals(scheme, WeightScheme.parse(scheme.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"q5", "", "q4,head", "q4,norm=q8", "q4,head=int3"})
  void namesWhatItDoesNotKnow(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> WeightScheme.parse(text)).toString();
    assertTrue(message.contains("q4") || message.contains("head"), message);
  }
}
