package dev.sparsed.eval.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.tensor.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Times full attention, block scores, full attention that also selects the pattern, and
 * block-sparse attention of several backends on the same tensors, in one process.
 */
public final class AttentionBenchmark {

  private static final ImmutableList<String> OPERATIONS =
      ImmutableList.of("dense", "scores", "dense_select", "sparse");

  private static final double PEAK_SECONDS = 0.5;

  private final AttentionSetup setup;
  private final List<AttentionCandidate> candidates;
  private final Consumer<Measurement> listener;

  /**
   * Prepares a benchmark.
   *
   * @param setup what to measure
   * @param candidates the backends, in the order in which they are measured and reported
   * @param listener gets each measurement as soon as it is done
   * @throws IllegalArgumentException if the setup asks for a measurement that there is none of
   */
  public AttentionBenchmark(
      AttentionSetup setup,
      List<? extends AttentionCandidate> candidates,
      Consumer<Measurement> listener) {
    this.setup = setup;
    this.candidates = List.copyOf(candidates);
    this.listener = listener;
    List<String> names =
        candidates.stream()
            .flatMap(one -> OPERATIONS.stream().map(operation -> operation + "." + one.name()))
            .toList();
    for (String name : setup.names()) {
      checkArgument(names.contains(name), "there is no %s to measure, only %s", name, names);
    }
  }

  /**
   * Measures.
   *
   * @return the measurements of all backends that can take part
   */
  public AttentionReport run() {
    List<Measurement> measurements = new ArrayList<>();
    OptionalDouble peak = peakFlops();
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
      return new AttentionReport(setup, density(pattern), peak, measurements, absent);
    }
  }

  /**
   * What the processor can do at most; unknown where the kernels that probe it are missing or have
   * no products of the type.
   */
  private OptionalDouble peakFlops() {
    if (setup.device().kind() != ComputeDevice.Kind.CPU || !CpuKernels.isAvailable()) {
      return OptionalDouble.empty();
    }
    return switch (setup.precision()) {
      case FLOAT32 -> peakFlops(ElementType.FLOAT32);
      case BFLOAT16 -> peakFlops(ElementType.BFLOAT16);
      case FLOAT16 -> OptionalDouble.empty();
    };
  }

  private OptionalDouble peakFlops(ElementType type) {
    return OptionalDouble.of(
        CpuKernels.peakFlops(CpuKernels.fastest(), type, setup.threads(), PEAK_SECONDS));
  }

  /** The pattern that all backends run, selected from the inputs by the last that can. */
  private SparsePattern pattern(AttentionInputs inputs) {
    AttentionCandidate last =
        candidates.stream()
            .filter(candidate -> candidate.unavailable(inputs.query(), inputs.key()).isEmpty())
            .reduce((one, other) -> other)
            .orElseThrow(() -> new IllegalStateException("no backend can compute this shape"));
    AttentionBackend<Tensor> backend = last.backend();
    try (PreparedPattern prepared =
        backend.select(call(backend, inputs), setup.scoreRequest(), setup.selector())) {
      return prepared.pattern();
    }
  }

  private static AttentionCall<Tensor> call(
      AttentionBackend<Tensor> backend, AttentionInputs inputs) {
    return backend.call(inputs.query(), inputs.key(), inputs.value());
  }

  private void measure(
      AttentionCandidate candidate,
      AttentionInputs inputs,
      SparsePattern pattern,
      List<Measurement> measurements) {
    AttentionBackend<Tensor> backend = candidate.backend();
    AttentionCall<Tensor> call = call(backend, inputs);
    AttentionShape shape = setup.shape();
    double flops = shape.denseFlops();
    time("dense", candidate, flops, () -> backend.dense(call).close()).ifPresent(measurements::add);
    // One product of queries and keys, half of attention's work.
    time(
            "scores",
            candidate,
            flops / 2,
            () -> backend.scores(call, setup.scoreRequest(), row -> {}))
        .ifPresent(measurements::add);
    time("dense_select", candidate, flops, () -> denseAndSelect(backend, call))
        .ifPresent(measurements::add);
    try (PreparedPattern prepared = PreparedPattern.of(pattern)) {
      time(
              "sparse",
              candidate,
              flops * density(pattern),
              () -> backend.sparse(call, prepared).close())
          .ifPresent(measurements::add);
    }
  }

  /** What the step that builds the pattern calls. Only attention's own products are counted. */
  private void denseAndSelect(AttentionBackend<Tensor> backend, AttentionCall<Tensor> call) {
    AttentionBackend.Selected<Tensor> selected =
        backend.denseAndSelect(call, setup.scoreRequest(), setup.selector());
    selected.output().close();
    selected.pattern().close();
  }

  @SuppressWarnings("try")
  private Optional<Measurement> time(
      String operation, AttentionCandidate candidate, double flops, Runnable work) {
    String name = operation + "." + candidate.name();
    if (!setup.measures(name)) {
      return Optional.empty();
    }
    Spread times =
        Spread.ofSeconds(
            setup.warmups(),
            setup.runs(),
            () -> {
              try (PointerScope scope = new PointerScope()) {
                work.run();
                candidate.synchronize();
              }
            });
    Measurement measurement = new Measurement(name, times, flops);
    listener.accept(measurement);
    return Optional.of(measurement);
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
