package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.method.Method;
import dev.sparsed.text.ChatMessage;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Text in, text out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatTest {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";
  private static final String ANSWER = "Ulla plays the piano.";

  private DiffusionModel model;

  @BeforeAll
  void load() {
    model = DiffusionModel.load(DemoCheckpoint.folder());
  }

  @AfterAll
  void close() {
    model.close();
  }

  @Test
  void answersAQuestion() {
    assertEquals(ANSWER, model.chat(QUESTION));
  }

  @Test
  void answersTheLastTurnOfAConversation() {
    assertEquals(ANSWER, model.chat(List.of(ChatMessage.user(QUESTION))));
  }

  @Test
  void endsWhereTheModelEndsItsTurn() {
    GenerationResult result = model.generate(model.ask(QUESTION).build());
    assertEquals(ANSWER, model.answer(result));
    // What nobody sees is not computed.
    assertTrue(
        result.phases().values().stream().mapToInt(use -> use.forwardPasses()).sum() < 128,
        () -> result.phases().toString());
  }

  @Test
  void takesAnyMethod() {
    Method method = Method.parse("dual-cache+threshold");
    assertEquals(ANSWER, model.answer(model.generate(model.ask(QUESTION, method).build())));
  }

  @Test
  void refusesAnEmptyQuestion() {
    assertThrows(IllegalArgumentException.class, () -> model.chat(" "));
    assertThrows(IllegalArgumentException.class, () -> model.chat(List.of()));
  }
}
