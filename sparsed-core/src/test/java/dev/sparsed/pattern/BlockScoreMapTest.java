package dev.sparsed.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRecorder;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BlockScoreMapTest {

  private static final int HEADS = 4;
  private static final int LENGTH = 45;
  private static final int BLOCK = 8;

  private final ReferenceBackend backend = new ReferenceBackend();

  /**
   * The share that is left of a query's softmax is the ratio of its sums over fewer and all keys.
   */
  private double byLogSumExps(AttentionCall<FloatTensor> call, SparsePattern pattern, int head) {
    FloatTensor all = backend.denseWithLogSumExp(call).logSumExp();
    try (PreparedPattern prepared = PreparedPattern.of(pattern)) {
      FloatTensor some = backend.sparseWithLogSumExp(call, prepared).logSumExp();
      double sum = 0;
      for (int item = 0; item < 2; item++) {
        for (int query = 0; query < LENGTH; query++) {
          int at = all.offset(item, head, query);
          sum += Math.exp(some.data()[at] - all.data()[at]);
        }
      }
      return sum / (2 * LENGTH);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.3, 1})
  void whatAPatternHoldsIsWhatItLeavesOfTheSoftmax(double select) {
    Random random = new Random(5);
    AttentionCall<FloatTensor> call =
        backend.call(
            TestTensors.normal(random, 2, HEADS, LENGTH, 16),
            TestTensors.normal(random, 2, 2, LENGTH, 16),
            TestTensors.normal(random, 2, 2, LENGTH, 16));
    ScoreRecorder recorder = new ScoreRecorder(new IsolatedTopK(select));
    ScoreRequest request =
        new ScoreRequest(
            BLOCK,
            4,
            ScoreScale.HEAD_DIMENSION.of(call.shape()),
            ScoreScope.ALL_AND_GENERATION_KEYS);
    try (PreparedPattern prepared = backend.select(call, request, recorder)) {
      BlockScoreMap scores = recorder.take();
      for (int head = 0; head < HEADS; head++) {
        double expected = byLogSumExps(call, prepared.pattern(), head);
        assertEquals(expected, scores.held(prepared.pattern(), head), 1e-5);
      }
      assertEquals(1, scores.held(SparsePattern.dense(scores.grid()), 0), 1e-5);
      assertThrows(
          IllegalArgumentException.class,
          () -> scores.held(SparsePattern.dense(BlockGrid.square(2, HEADS, LENGTH, 9)), 0));
      assertThrows(IndexOutOfBoundsException.class, () -> scores.held(prepared.pattern(), HEADS));
    }
  }
}
