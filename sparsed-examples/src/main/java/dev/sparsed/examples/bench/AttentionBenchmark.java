package dev.sparsed.examples.bench;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Times full attention, block scores, selection and block-sparse attention of several backends on
 * the same tensors, in one process.
 */
public final class AttentionBenchmark {

  private final AttentionSetup setup;
  private final List<AttentionCandidate> candidates;
  private final Consumer<Measurement> listener;

  /**
   * Prepares a benchmark.
   *
   * @param setup what to measure
   * @param candidates the backends; the first one's full attention is what others are compared with
   * @param listener gets each measurement as soon as it is done
   */
  public AttentionBenchmark(
      AttentionSetup setup,
      List<? extends AttentionCandidate> candidates,
      Consumer<Measurement> listener) {
    this.setup = setup;
    this.candidates = List.copyOf(candidates);
    this.listener = listener;
  }

  /**
   * Measures.
   *
   * @return the measurements of all backends that can take part
   */
  public AttentionReport run() {
    List<Measurement> measurements = new ArrayList<>();
    Map<String, String> absent = new LinkedHashMap<>();
    try (AttentionInputs inputs = AttentionInputs.of(setup)) {
      SparsePattern pattern = pattern(inputs);
      for (AttentionCandidate candidate : candidates) {
        Optional<String> reason = candidate.unavailable(inputs.query(), inputs.key());
        if (reason.isPresent()) {
          absent.put(candidate.name(), reason.get());
        } else {
          measure(candidate, inputs, pattern, measurements);
        }
      }
      return new AttentionReport(setup, density(pattern), measurements, absent);
    }
  }

  /** The pattern that all backends run, selected from the inputs by the first that can. */
  private SparsePattern pattern(AttentionInputs inputs) {
    AttentionCandidate first =
        candidates.stream()
            .filter(candidate -> candidate.unavailable(inputs.query(), inputs.key()).isEmpty())
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no backend can compute this shape"));
    try (PreparedPattern prepared =
        first
            .backend()
            .select(inputs.query(), inputs.key(), setup.scoreRequest(), setup.selector())) {
      return prepared.pattern();
    }
  }

  private void measure(
      AttentionCandidate candidate,
      AttentionInputs inputs,
      SparsePattern pattern,
      List<Measurement> measurements) {
    AttentionBackend<Tensor> backend = candidate.backend();
    Tensor query = inputs.query();
    Tensor key = inputs.key();
    Tensor value = inputs.value();
    AttentionShape shape = setup.shape();
    double flops = shape.denseFlops();
    List<Measurement> own = new ArrayList<>();
    own.add(time("dense", candidate, flops, () -> backend.dense(query, key, value).close()));
    // One product of queries and keys, half of attention's work.
    own.add(
        time(
            "scores",
            candidate,
            flops / 2,
            () -> backend.scores(query, key, setup.scoreRequest(), row -> {})));
    own.add(
        time(
            "select",
            candidate,
            flops / 2,
            () -> backend.select(query, key, setup.scoreRequest(), setup.selector()).close()));
    try (PreparedPattern prepared = backend.prepare(pattern)) {
      own.add(
          time(
              "sparse",
              candidate,
              flops * density(pattern),
              () -> backend.sparse(query, key, value, prepared).close()));
    }
    measurements.addAll(own);
  }

  @SuppressWarnings("try")
  private Measurement time(
      String operation, AttentionCandidate candidate, double flops, Runnable work) {
    Times times =
        Times.measure(
            setup.warmups(),
            setup.runs(),
            () -> {
              try (PointerScope scope = new PointerScope()) {
                work.run();
                candidate.synchronize();
              }
            });
    Measurement measurement = new Measurement(operation + "." + candidate.name(), times, flops);
    listener.accept(measurement);
    return measurement;
  }

  /** Share of query-key pairs that the pattern computes, ragged last blocks counted as they are. */
  static double density(SparsePattern pattern) {
    BlockGrid grid = pattern.grid();
    double pairs = 0;
    for (int item = 0; item < grid.batch(); item++) {
      for (int head = 0; head < grid.heads(); head++) {
        for (int block = 0; block < grid.queryBlocks(); block++) {
          long keys = 0;
          for (int keyBlock : pattern.keyBlocks(item, head, block)) {
            keys += grid.keyBlockLength(keyBlock);
          }
          pairs += (double) keys * grid.queryBlockLength(block);
        }
      }
    }
    return pairs / ((double) grid.batch() * grid.heads() * grid.queryLength() * grid.keyLength());
  }
}
