package org.example.extensions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.text.Tokenizer;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexConstraintTest {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Magnus keep?""";

  private static DiffusionModel model;
  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() {
    model = DiffusionModel.load(DemoCheckpoint.folder());
    tokenizer = Tokenizer.load(DemoCheckpoint.folder());
  }

  @AfterAll
  static void close() {
    tokenizer.close();
    model.close();
  }

  private static GenerationRequest.Builder request(String expression) {
    return model
        .ask(QUESTION)
        .generationLength(32)
        .steps(32)
        .constraint(new RegexConstraint(expression, tokenizer, model.endTokens()));
  }

  private static String answer(GenerationRequest request) {
    GenerationResult result = model.generate(request, GenerationListener.NONE);
    assertEquals(0, result.openPositions().get(0));
    return model.answer(result);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Magnus keeps a (goat|pony)\\.",
        "Magnus keeps a (pony|cow)\\.",
        "[A-Z]{4}",
        "(yes|no), [a-z]+",
        "[0-9]+ goats?!"
      })
  void answersMatch(String expression) {
    String answer = answer(request(expression).build());
    assertTrue(Pattern.matches(expression, answer), answer);
  }

  @Test
  void whatTheModelWouldSayAnywayIsLeftAsItIs() {
    assertEquals(
        "Magnus keeps a goat.", answer(request("[A-Z][a-z]+( [a-z]+)*\\.").build()));
  }

  @Test
  void anObjectHasTheGivenKeys() {
    String expression = RegexConstraint.jsonObject("name", "keeps");
    for (DecodingPolicy decoding :
        List.of(
            new EntropyBoundedLike(1, 32),
            new WinoLike(0.5, 0.3, 32),
            new KlassLike(0.5, 0.1, 1, 32))) {
      String answer = answer(request(expression).decoding(decoding).build());
      assertTrue(Pattern.matches(expression, answer), answer);
    }
  }

  @Test
  void impossibleOnesAreRefusedWithTheReason() {
    GenerationRequest tooLong = request("[a-z]{900}").build();
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> model.generate(tooLong, GenerationListener.NONE));
    assertEquals(
        "no text of at most 32 of this model's tokens matches [a-z]{900}", refused.getMessage());
  }
}
