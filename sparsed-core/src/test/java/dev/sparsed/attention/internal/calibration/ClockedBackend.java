package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.tensor.TensorForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Computes nothing, and moves a clock on by what a call is said to take. Its tensors are their
 * forms.
 */
final class ClockedBackend implements AttentionBackend<TensorForm> {

  final List<AttentionShape> measured = new ArrayList<>();
  long clock;
  Map<String, String> platform = Map.of("backend", "clocked");
  int mostTokens = Integer.MAX_VALUE;
  boolean fails;

  /** Every so many calls one is delayed, if this is not 0. */
  int delayedCall;

  /** By so much. */
  long delayNanos = 20_000_000;

  /** Whether each call takes twice as long as the one before it. */
  boolean growing;

  private int calls;
  private final double secondsPerFlop;

  ClockedBackend(double secondsPerFlop) {
    this.secondsPerFlop = secondsPerFlop;
  }

  private final class Forms implements CalibrationTensors<TensorForm> {
    @Override
    public void use(AttentionShape shape, Consumer<AttentionCall<TensorForm>> work) {
      TensorForm query =
          new TensorForm(
              Works.WORK.type(), 1, shape.heads(), shape.queryLength(), shape.headDimension());
      TensorForm key =
          new TensorForm(
              Works.WORK.type(), 1, shape.kvHeads(), shape.keyLength(), shape.headDimension());
      work.accept(call(query, key, key));
    }

    @Override
    public void finish(TensorForm output) {}
  }

  CalibrationTensors<TensorForm> forms() {
    return new Forms();
  }

  private void take(AttentionShape shape, double share) {
    if (fails || shape.keyLength() > mostTokens) {
      throw new IllegalStateException("no memory for " + shape.keyLength() + " tokens");
    }
    calls++;
    if (delayedCall > 0 && calls % delayedCall == 0) {
      clock += delayNanos;
    }
    if (growing) {
      clock += 1000L << Math.min(calls, 25);
    }
    clock += (long) (1e9 * secondsPerFlop * share * shape.denseFlops());
  }

  @Override
  public String name() {
    return "clocked";
  }

  @Override
  public Map<String, String> platform(TensorForm query, BlockShape blocks) {
    return platform;
  }

  @Override
  public TensorReader<TensorForm> tensors() {
    return form -> form;
  }

  @Override
  public TensorForm dense(AttentionCall<TensorForm> call) {
    measured.add(call.shape());
    take(call.shape(), 1);
    return call.query();
  }

  @Override
  public TensorForm sparse(AttentionCall<TensorForm> call, PreparedPattern pattern) {
    take(call.shape(), 2 * pattern.pattern().density());
    return call.query();
  }

  @Override
  public PreparedPattern selectByScores(AttentionCall<TensorForm> call, Selection selection) {
    take(call.shape(), 3);
    return PreparedPattern.of(SparsePattern.dense(selection.grid()));
  }

  @Override
  public void scores(
      AttentionCall<TensorForm> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    throw new UnsupportedOperationException("patterns are selected without them");
  }
}
