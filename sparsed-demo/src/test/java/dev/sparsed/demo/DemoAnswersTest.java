package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.Sparsity;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The embedded model answers questions that it has not seen, fully and sparsely attending alike.
 */
class DemoAnswersTest {

  private static final int QUESTIONS = 15;
  private static final double WANTED_SHARE = 0.6;
  private static final int ROOM = 32;

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
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      for (int i = 0; i < QUESTIONS; i++) {
        DemoCorpus.Question question = corpus.question(2, 2);
        right += answer(model, policy, question.prompt()).equals(question.answer()) ? 1 : 0;
      }
    }
    int count = right;
    assertTrue(count >= WANTED_SHARE * QUESTIONS, () -> count + " of " + QUESTIONS + " right");
  }

  private static String answer(DiffusionModel model, AttentionPolicy policy, String question) {
    return model.answer(
        model.generate(
            model
                .ask(question)
                .generationLength(ROOM)
                .steps(ROOM)
                .attention(policy)
                .sparsity(Sparsity.ALWAYS)
                .build()));
  }
}
