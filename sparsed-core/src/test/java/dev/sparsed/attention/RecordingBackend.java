package dev.sparsed.attention;

import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.ScoreRequest;
import java.util.ArrayList;
import java.util.List;

/** The reference backend with a record of its calls and of what became of its patterns. */
final class RecordingBackend implements AttentionBackend<FloatTensor> {

  private final ReferenceBackend reference = new ReferenceBackend();
  private final List<String> calls = new ArrayList<>();
  private final List<Prepared> prepared = new ArrayList<>();

  /** A pattern that counts how often it was closed. */
  static final class Prepared implements PreparedPattern {
    private final SparsePattern pattern;
    private int closed;

    Prepared(SparsePattern pattern) {
      this.pattern = pattern.requireNoEmptyRow();
    }

    @Override
    public SparsePattern pattern() {
      return pattern;
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

  @Override
  public String name() {
    return "recording";
  }

  @Override
  public AttentionShape shape(FloatTensor query, FloatTensor key) {
    return reference.shape(query, key);
  }

  @Override
  public FloatTensor dense(FloatTensor query, FloatTensor key, FloatTensor value) {
    calls.add("dense");
    return reference.dense(query, key, value);
  }

  @Override
  public PreparedPattern prepare(SparsePattern pattern) {
    Prepared made = new Prepared(pattern);
    calls.add("prepare");
    prepared.add(made);
    return made;
  }

  @Override
  public FloatTensor sparse(
      FloatTensor query, FloatTensor key, FloatTensor value, PreparedPattern pattern) {
    calls.add("sparse");
    Prepared own = (Prepared) pattern;
    if (!prepared.contains(own) || own.timesClosed() > 0) {
      throw new AssertionError("sparse was given a pattern that is closed or not this backend's");
    }
    return reference.sparse(query, key, value, new HeapPattern(pattern.pattern()));
  }

  @Override
  public void scores(
      FloatTensor query, FloatTensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    calls.add("scores m=" + request.firstGenerationBlock() + " scale=" + (float) request.scale());
    reference.scores(query, key, request, consumer);
  }
}
