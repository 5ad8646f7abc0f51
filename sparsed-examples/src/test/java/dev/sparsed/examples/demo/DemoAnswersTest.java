package dev.sparsed.examples.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.examples.Playground;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The embedded model answers questions that it has not seen, fully and sparsely attending alike.
 */
class DemoAnswersTest {

  private static final int QUESTIONS = 15;
  private static final double WANTED_SHARE = 0.6;

  @Test
  void answersMostNewQuestionsWithFullAttention() {
    assertAnswers(AttentionPolicy.full());
  }

  @Test
  void answersMostNewQuestionsWithSparseD() {
    assertAnswers(AttentionPolicy.sparseD(0.2, 0.3, 16));
  }

  private static void assertAnswers(AttentionPolicy policy) {
    DemoCorpus corpus = new DemoCorpus(new Random(77));
    int right = 0;
    try (Playground play = Playground.demo()) {
      for (int i = 0; i < QUESTIONS; i++) {
        DemoCorpus.Question question = corpus.question(2, 2);
        String answer = play.answer(play.generate(question.prompt(), policy));
        right += answer.equals(question.answer()) ? 1 : 0;
      }
    }
    int count = right;
    assertTrue(count >= WANTED_SHARE * QUESTIONS, () -> count + " of " + QUESTIONS + " right");
  }
}
