package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.demo.exam.Exam;
import dev.sparsed.demo.exam.ExamQuestion;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How often the embedded model in fewer bits finds the same token likeliest as in bf16: at masked
 * tokens of texts that it has not seen, and at the masks of their answers.
 */
class QuantizedDemoTest {

  private static final Exam EXAM =
      new Exam(
          78,
          6,
          ImmutableList.of(384),
          ImmutableList.of(ExamTask.SINGLE_NEEDLE, ExamTask.MULTI_KEY));

  private static final double MASKED = 0.25;

  @ParameterizedTest
  @CsvSource({"q8,0.99", "q4,0.93"})
  void findsTheSameTokensLikeliest(String scheme, double share) {
    ModelOptions quantized = ModelOptions.DEFAULT.withWeights(WeightScheme.parse(scheme));
    try (DiffusionModel exact = DiffusionModel.load(DemoCheckpoint.folder());
        DiffusionModel rounded = DiffusionModel.load(DemoCheckpoint.folder(), quantized)) {
      Random random = new Random(9);
      int same = 0;
      int all = 0;
      for (int[] tokens : texts(exact, random)) {
        int[] rows =
            IntStream.range(0, tokens.length)
                .filter(i -> tokens[i] == exact.config().maskToken())
                .toArray();
        float[][] wanted = exact.logits(tokens, rows, List.of());
        float[][] found = rounded.logits(tokens, rows, List.of());
        same +=
            (int)
                IntStream.range(0, rows.length)
                    .filter(r -> likeliest(wanted[r]) == likeliest(found[r]))
                    .count();
        all += rows.length;
      }
      double agreement = (double) same / all;
      int count = all;
      assertTrue(
          agreement >= share && count > 1000,
          () -> scheme + ": " + agreement + " of " + count + " tokens");
    }
  }

  private static List<int[]> texts(DiffusionModel model, Random random) {
    List<int[]> texts = new ArrayList<>();
    for (ExamTask task : ExamTask.values()) {
      for (ExamQuestion question :
          EXAM.questions(
              task,
              384,
              ExamQuestion.ROOM,
              text -> model.tokenizer().encode(text, Tokenizer.SpecialTokens.AS_WRITTEN).length)) {
        int[] prompt = model.chatFormat().question(question.prompt());
        int[] tokens = Arrays.copyOf(prompt, prompt.length + ExamQuestion.ROOM);
        for (int i = 0; i < tokens.length; i++) {
          if (i >= prompt.length || random.nextDouble() < MASKED) {
            tokens[i] = model.config().maskToken();
          }
        }
        texts.add(tokens);
      }
    }
    return texts;
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
