package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Sparsity;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.SpecialTokens;
import dev.sparsed.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
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
    try (DiffusionModel model =
        DiffusionModel.load(DemoCheckpoint.folder(), ModelOptions.DEFAULT)) {
      for (int i = 0; i < QUESTIONS; i++) {
        DemoCorpus.Question question = corpus.question(2, 2);
        right += answer(model, policy, question.prompt()).equals(question.answer()) ? 1 : 0;
      }
    }
    int count = right;
    assertTrue(count >= WANTED_SHARE * QUESTIONS, () -> count + " of " + QUESTIONS + " right");
  }

  private static String answer(DiffusionModel model, AttentionPolicy policy, String question) {
    Tokenizer tokenizer = model.tokenizer();
    String prompt =
        tokenizer.chatTemplate().orElseThrow().render(List.of(ChatMessage.user(question)), true);
    int[] generated =
        model
            .generate(
                GenerationRequest.builder()
                    .prompt(tokenizer.encode(prompt, SpecialTokens.AS_WRITTEN))
                    .generationLength(ROOM)
                    .steps(ROOM)
                    .decoding(model.defaultDecoding(ROOM))
                    .attention(policy)
                    .sparsity(Sparsity.ALWAYS)
                    .build())
            .generated(0)
            .toArray();
    int end = tokenizer.endOfTextId().orElseThrow();
    int length = 0;
    while (length < generated.length && generated[length] != end) {
      length++;
    }
    return tokenizer.decode(Arrays.copyOf(generated, length), true).strip();
  }
}
