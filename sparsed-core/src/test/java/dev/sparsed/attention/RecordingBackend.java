package dev.sparsed.attention;

import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The reference backend with a record of its calls and of what became of its patterns. */
final class RecordingBackend implements AttentionBackend<FloatTensor> {

  private final ReferenceBackend reference = new ReferenceBackend();
  private final List<String> calls = new ArrayList<>();
  private final List<Prepared> prepared = new ArrayList<>();
  private boolean failsDense;
  private UnaryOperator<FloatTensor> change = UnaryOperator.identity();

  /** A form of a pattern that counts how often it was closed. */
  static final class Prepared implements PreparedPattern.Form {
    private final SparsePattern pattern;
    private int closed;

    Prepared(SparsePattern pattern) {
      this.pattern = pattern;
    }

    @Override
    public void close() {
      closed++;
    }

    int timesClosed() {
      return closed;
    }
  }

  /** The calls since the last time this was asked. */
  List<String> takeCalls() {
    List<String> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  List<Prepared> prepared() {
    return prepared;
  }

  /** From now on full attention fails. */
  void failDense() {
    failsDense = true;
  }

  /** From now on outputs are changed. */
  void changeOutputs(UnaryOperator<FloatTensor> value) {
    change = value;
  }

  @Override
  public String name() {
    return "recording";
  }

  @Override
  public TensorReader<FloatTensor> tensors() {
    return reference.tensors();
  }

  @Override
  public FloatTensor dense(AttentionCall<FloatTensor> call) {
    calls.add("dense");
    if (failsDense) {
      throw new IllegalStateException("told to fail");
    }
    return change.apply(reference.dense(call));
  }

  private Prepared prepare(SparsePattern pattern) {
    Prepared made = new Prepared(pattern);
    calls.add("prepare");
    prepared.add(made);
    return made;
  }

  private Prepared prepared(PreparedPattern pattern) {
    return pattern.form(this, Prepared.class, this::prepare);
  }

  @Override
  public FloatTensor sparse(AttentionCall<FloatTensor> call, PreparedPattern pattern) {
    Prepared own = prepared(pattern);
    calls.add("sparse");
    if (!prepared.contains(own) || own.timesClosed() > 0) {
      throw new AssertionError("sparse was given a pattern that is closed or not this backend's");
    }
    return change.apply(reference.sparse(call, own.pattern));
  }

  @Override
  public void scores(
      AttentionCall<FloatTensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    calls.add("scores m=" + request.firstGenerationBlock() + " scale=" + (float) request.scale());
    reference.scores(call, request, consumer);
  }

  /** As a device does, makes the form at once. */
  @Override
  public PreparedPattern selectByScores(AttentionCall<FloatTensor> call, Selection selection) {
    PreparedPattern pattern = AttentionBackend.super.selectByScores(call, selection);
    prepared(pattern);
    return pattern;
  }
}
