package dev.sparsed.demo;

import dev.sparsed.demo.DemoBatch.Row;
import dev.sparsed.demo.exam.ExamTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

/** Asks a network in training questions that it has not seen. */
final class DemoExam {

  /** Tokens as sure as this are taken at once, and always the surest one. */
  private static final float SURE = 0.9f;

  private final TextSource texts;
  private final DemoNetwork network;
  private final long mask;

  DemoExam(TextSource texts, DemoNetwork network) {
    this.texts = texts;
    this.network = network;
    this.mask = texts.encoding().specialToken(DemoTokenizer.MASK);
  }

  /** Share of questions whose answer is right to the last token. */
  double rightShare(ExamTask task, int length, int questions, TrainingThreads threads)
      throws InterruptedException {
    List<Callable<Boolean>> asked = new ArrayList<>();
    for (Row row : texts.questions(task, length, questions)) {
      asked.add(() -> isAnswered(row));
    }
    int[] right = new int[1];
    threads.inOrder(asked, answered -> right[0] += answered ? 1 : 0);
    return (double) right[0] / questions;
  }

  private boolean isAnswered(Row row) {
    int first = row.lastAnswer().first();
    long[] tokens = row.tokens().clone();
    Arrays.fill(tokens, first, tokens.length, mask);
    long[] masked = placesOf(tokens, first);
    while (masked.length > 0) {
      fillSurest(tokens, row.positions(), masked);
      masked = placesOf(tokens, first);
    }
    return Arrays.equals(tokens, row.tokens());
  }

  private long[] placesOf(long[] tokens, int first) {
    return LongStream.range(first, tokens.length)
        .filter(place -> tokens[(int) place] == mask)
        .toArray();
  }

  @SuppressWarnings("try") // A PointerScope works by being open.
  private void fillSurest(long[] tokens, long[] positions, long[] masked) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGradient = new NoGradGuard()) {
      Tensor logits = network.logits(tokens, positions, 1, masked);
      // A network that knows nothing yet may think that the mask itself is the answer.
      logits.select(1, mask).fill_(new Scalar(Double.NEGATIVE_INFINITY));
      T_TensorTensor_T best = logits.softmax(-1).max(-1);
      float[] sureness = new float[masked.length];
      long[] guesses = new long[masked.length];
      best.get0().data_ptr_float().get(sureness);
      best.get1().data_ptr_long().get(guesses);
      int surest = 0;
      for (int i = 0; i < masked.length; i++) {
        surest = sureness[i] > sureness[surest] ? i : surest;
      }
      for (int i = 0; i < masked.length; i++) {
        if (i == surest || sureness[i] > SURE) {
          tokens[(int) masked[i]] = guesses[i];
        }
      }
    }
  }
}
