package dev.sparsed.eval.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.Lists;
import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.Precision;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.tensor.ElementType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Times full attention, block scores, full attention that also selects the pattern, and
 * block-sparse attention of several backends on the same tensors, in one process; of this library's
 * kernels also sparse attention over key blocks of 32 tokens and of single keys. All rates are per
 * query-key pair that is computed, so that they can be compared.
 */
public final class AttentionBenchmark {

  private static final ImmutableList<String> OPERATIONS =
      ImmutableList.of("dense", "scores", "dense_select", "sparse");

  /** Tokens per key block, beside the setup's blocks. */
  private static final ImmutableList<Integer> NARROW_KEY_BLOCKS = ImmutableList.of(32, 1);

  private static final double PEAK_SECONDS = 0.5;

  /** From here on a type is slow in itself. */
  private static final double MUCH_SLOWER = 3;

  /** Hears how far the benchmark is. */
  public interface Listener {

    /**
     * Called before something that takes a while.
     *
     * @param what what it is, such as {@code dense.torch}
     */
    void begins(String what);

    /**
     * Called where a reader of the numbers should know more.
     *
     * @param what a sentence
     */
    default void notes(String what) {}

    /**
     * Called after a measurement.
     *
     * @param measurement what was measured
     */
    void done(Measurement measurement);
  }

  private final AttentionSetup setup;
  private final ImmutableList<AttentionCandidate> candidates;
  private final Duration time;
  private final Listener listener;
  private final Map<String, String> absent = new LinkedHashMap<>();

  /**
   * Prepares a benchmark.
   *
   * @param setup what to measure
   * @param candidates the backends, in the order in which they are reported; the last is measured
   *     first
   * @param time how long to measure, about; each measurement has fewer runs where it does not
   *     suffice, and those of a backend so slow that one run does not fit are left out
   * @param listener hears of each measurement
   * @throws IllegalArgumentException if the setup asks for a measurement that there is none of
   */
  public AttentionBenchmark(
      AttentionSetup setup,
      List<? extends AttentionCandidate> candidates,
      Duration time,
      Listener listener) {
    this.setup = setup;
    this.candidates = ImmutableList.copyOf(candidates);
    this.time = time;
    this.listener = listener;
    List<String> names =
        candidates.stream()
            .flatMap(one -> operations(one).map(operation -> operation + "." + one.name()))
            .toList();
    for (String name : setup.names()) {
      checkArgument(names.contains(name), "there is no %s to measure, only %s", name, names);
    }
  }

  private Stream<String> operations(AttentionCandidate candidate) {
    return Stream.concat(
        OPERATIONS.stream(), narrowKeyBlocks(candidate).map(AttentionBenchmark::narrowName));
  }

  /** What LibTorch gathers block by block is not worth the time. */
  private Stream<Integer> narrowKeyBlocks(AttentionCandidate candidate) {
    return candidate instanceof TorchCandidate
        ? Stream.of()
        : NARROW_KEY_BLOCKS.stream().filter(tokens -> tokens < setup.blockSize());
  }

  private static String narrowName(int keyTokens) {
    return "sparse_keys" + keyTokens;
  }

  /**
   * Measures.
   *
   * @return the measurements of all backends that can take part
   */
  public AttentionReport run() {
    listener.begins("the processor's peak, inputs and pattern");
    OptionalDouble peak = peakFlops();
    ListMultimap<AttentionCandidate, Measurement> measurements = ArrayListMultimap.create();
    try (AttentionInputs inputs = AttentionInputs.of(setup)) {
      SparsePattern pattern = pattern(inputs);
      List<AttentionCandidate> able = new ArrayList<>();
      for (AttentionCandidate candidate : candidates) {
        Optional<String> reason = candidate.unavailable(inputs.query(), inputs.key());
        if (reason.isPresent()) {
          absent.put(candidate.name(), reason.get());
        } else {
          able.add(candidate);
        }
      }
      Optional<String> note = note(able, inputs);
      note.ifPresent(listener::notes);
      RunBudget budget = new RunBudget(time, wanted(able), System::nanoTime);
      // LibTorch's last: on some processors one of its calls takes longer than all of the others'.
      for (AttentionCandidate candidate : Lists.reverse(able)) {
        measurements.putAll(candidate, measure(candidate, inputs, pattern, budget));
      }
      return new AttentionReport(
          setup,
          density(pattern),
          peak,
          able.stream().flatMap(each -> measurements.get(each).stream()).toList(),
          absent,
          note);
    }
  }

  /** Whether LibTorch is slow for the type alone, which says little about attention. */
  private Optional<String> note(List<AttentionCandidate> able, AttentionInputs inputs) {
    if (setup.device().kind() != ComputeDevice.Kind.CPU || setup.precision() == Precision.FLOAT32) {
      return Optional.empty();
    }
    return able.stream()
        .filter(TorchCandidate.class::isInstance)
        .findFirst()
        .map(
            torch ->
                DenseProbe.seconds(torch, inputs)
                    / DenseProbe.seconds(torch, inputs, Precision.FLOAT32.scalarType()))
        .filter(times -> times > MUCH_SLOWER)
        .map(
            times ->
                String.format(
                    Locale.ROOT,
                    "LibTorch's libraries have no fast products of %s on this processor: it takes"
                        + " about %.0f times as long as float32, which --dtype float32 compares.",
                    setup.precision().name().toLowerCase(Locale.ROOT),
                    times));
  }

  private int wanted(List<AttentionCandidate> able) {
    return (int)
        able.stream()
            .flatMap(one -> operations(one).map(operation -> operation + "." + one.name()))
            .filter(setup::measures)
            .count();
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

  private List<Measurement> measure(
      AttentionCandidate candidate,
      AttentionInputs inputs,
      SparsePattern pattern,
      RunBudget budget) {
    AttentionBackend<Tensor> backend = candidate.backend();
    AttentionCall<Tensor> call = call(backend, inputs);
    double flops = setup.shape().denseFlops();
    List<Measurement> done = new ArrayList<>();
    double foretold = DenseProbe.seconds(candidate, inputs);
    time("dense", candidate, flops, budget, foretold, done, () -> backend.dense(call).close());
    // One product of queries and keys, half of attention's work.
    time(
        "scores",
        candidate,
        flops / 2,
        budget,
        foretold,
        done,
        () -> backend.scores(call, setup.scoreRequest(), row -> {}));
    time(
        "dense_select",
        candidate,
        flops,
        budget,
        foretold,
        done,
        () -> denseAndSelect(backend, call));
    try (PreparedPattern prepared = PreparedPattern.of(pattern)) {
      time(
          "sparse",
          candidate,
          flops * density(pattern),
          budget,
          foretold,
          done,
          () -> backend.sparse(call, prepared).close());
    }
    narrowKeyBlocks(candidate)
        .filter(tokens -> setup.measures(narrowName(tokens) + "." + candidate.name()))
        .forEach(
            tokens -> {
              SparsePattern narrow = setup.scatteredPattern(tokens);
              try (PreparedPattern prepared = PreparedPattern.of(narrow)) {
                time(
                    narrowName(tokens),
                    candidate,
                    flops * density(narrow),
                    budget,
                    foretold,
                    done,
                    () -> backend.sparse(call, prepared).close());
              }
            });
    return done;
  }

  /** What the step that builds the pattern calls. Only attention's own products are counted. */
  private void denseAndSelect(AttentionBackend<Tensor> backend, AttentionCall<Tensor> call) {
    AttentionBackend.Selected<Tensor> selected =
        backend.denseAndSelect(call, setup.scoreRequest(), setup.selector());
    selected.output().close();
    selected.pattern().close();
  }

  @SuppressWarnings("try")
  private void time(
      String operation,
      AttentionCandidate candidate,
      double flops,
      RunBudget budget,
      double foretold,
      List<Measurement> done,
      Runnable work) {
    String name = operation + "." + candidate.name();
    if (!setup.measures(name)) {
      return;
    }
    // Full attention tells how fast a backend is, to within what matters here.
    double expected = done.isEmpty() ? foretold : done.get(0).times().min();
    if (!budget.allows(expected)) {
      absent.put(
          name,
          String.format(
              Locale.ROOT,
              "a run may take %.0f s, for which there was no time left; --minutes gives it more",
              Math.ceil(expected)));
      return;
    }
    listener.begins(name);
    Spread times =
        budget.measure(
            setup.warmups(),
            setup.runs(),
            () -> {
              try (PointerScope scope = new PointerScope()) {
                work.run();
                candidate.synchronize();
              }
            });
    Measurement measurement = new Measurement(name, times, flops);
    listener.done(measurement);
    done.add(measurement);
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
