package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import dev.sparsed.models.answer.AnswerRequest;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import dev.sparsed.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AnswerGeneratorTest {

  private static final String QUESTION =
      """
      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";

  private static DiffusionModel model;
  private static AnswerGenerator answers;

  @BeforeAll
  static void load() {
    model = DiffusionModel.load(DemoCheckpoint.folder());
    answers = new AnswerGenerator(model);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static AnswerRequest.Builder question() {
    return AnswerRequest.conversation(List.of(ChatMessage.user(QUESTION))).maxTokens(32);
  }

  @Test
  void answersAsTheModelDoesAndEndsEarlier() {
    Answer answer =
        answers.answer(
            AnswerRequest.conversation(List.of(ChatMessage.user(QUESTION))).build(),
            AnswerListener.NONE);
    assertEquals(model.chat(QUESTION), answer.text());
    assertEquals(Answer.Ending.END_OF_TEXT, answer.ending());
    assertEquals(model.chatFormat().question(QUESTION).length, answer.promptTokens());
    assertTrue(answer.generation().completedSteps() < answer.generation().totalSteps());
  }

  @Test
  void tellsTheAnswerStepByStep() {
    StringBuilder told = new StringBuilder();
    List<String> provisional = new ArrayList<>();
    Answer answer =
        answers.answer(
            question().build(),
            new AnswerListener() {
              @Override
              public void onText(String text) {
                told.append(text);
              }

              @Override
              public GenerationListener.Reaction onStep(AnswerListener.AnswerStep step) {
                assertEquals(told.toString(), step.settled());
                provisional.add(step.provisional());
                return GenerationListener.Reaction.CONTINUE;
              }
            });
    assertEquals(answer.text(), told.toString());
    assertEquals(answer.generation().completedSteps(), provisional.size());
    assertTrue(provisional.get(0).indexOf(AnswerListener.AnswerStep.OPEN) >= 0, provisional.get(0));
    assertEquals(answer.text(), provisional.get(provisional.size() - 1));
  }

  @Test
  void cutsAtTheMostTokensWhateverTheBlocks() {
    for (String method : List.of("full", "dual-cache", "dual-cache+threshold")) {
      Answer answer =
          answers.answer(
              question().method(Method.parse(method)).maxTokens(2).build(), AnswerListener.NONE);
      assertEquals(Answer.Ending.LENGTH, answer.ending(), method);
      assertEquals(2, answer.tokens(), method);
      assertFalse(answer.text().isBlank(), method);
    }
  }

  @Test
  void endsBeforeAStopSequence() {
    String whole = answers.answer(question().build(), AnswerListener.NONE).text();
    String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 2);
    Answer answer =
        answers.answer(question().stopSequences(List.of(stop)).build(), AnswerListener.NONE);
    assertEquals(whole.substring(0, whole.indexOf(stop)).strip(), answer.text());
    assertEquals(Answer.Ending.STOP_SEQUENCE, answer.ending());
  }

  @Test
  void isCancelledByItsListenerAndByAnInterruption() {
    AnswerListener stop =
        new AnswerListener() {
          @Override
          public GenerationListener.Reaction onStep(AnswerListener.AnswerStep step) {
            return GenerationListener.Reaction.STOP;
          }
        };
    assertEquals(Answer.Ending.CANCELLED, answers.answer(question().build(), stop).ending());
    Thread.currentThread().interrupt();
    try {
      assertEquals(
          Answer.Ending.CANCELLED,
          answers.answer(question().build(), AnswerListener.NONE).ending());
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void continuesAText() {
    Answer answer =
        answers.answer(
            AnswerRequest.continuation("Ulla is a baker.").maxTokens(8).build(),
            AnswerListener.NONE);
    assertEquals(model.chatFormat().plain("Ulla is a baker.").length, answer.promptTokens());
    assertTrue(answer.tokens() <= 8);
  }

  @Test
  void runsUntilThereArePatternsWhereTheyAreAskedFor() {
    Answer answer =
        answers.answer(
            question().sparsity(Sparsity.ALWAYS).keepPatterns().build(), AnswerListener.NONE);
    assertFalse(answer.generation().patterns().get(0).isEmpty());
  }

  @Test
  void takesATopPThatLimitsNothing() {
    Sampling sampling =
        new Sampling(
            Optional.empty(),
            OptionalDouble.empty(),
            OptionalDouble.of(1),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty());
    assertEquals(
        answers.answer(question().build(), AnswerListener.NONE).text(),
        answers.answer(question().sampling(sampling).build(), AnswerListener.NONE).text());
  }

  @Test
  void refusesWhatHasNoMeaning() {
    assertThrows(IllegalArgumentException.class, () -> AnswerRequest.conversation(List.of()));
    assertThrows(IllegalArgumentException.class, () -> question().maxTokens(0));
    assertThrows(IllegalArgumentException.class, () -> question().stopSequences(List.of("")));
    IllegalArgumentException steps =
        assertThrows(
            IllegalArgumentException.class,
            () -> answers.answer(question().maxTokens(64).steps(3).build(), AnswerListener.NONE));
    assertTrue(String.valueOf(steps.getMessage()).contains("but is 3;"), steps::toString);
  }
}
