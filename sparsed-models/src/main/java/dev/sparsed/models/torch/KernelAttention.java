package dev.sparsed.models.torch;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.HeapPattern;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** Takes the first kernels that support a call's tensors, LibTorch where none do. */
public final class KernelAttention implements AttentionBackend<Tensor> {

  private static final int USUAL_BLOCK_SIZE = 128;

  private final List<AttentionKernels> kernels;
  private final AttentionBackend<Tensor> fallback;

  /**
   * Composes backends.
   *
   * @param kernels kernels to ask, the preferred ones first
   * @param fallback computes what none of them supports
   */
  public KernelAttention(
      List<? extends AttentionKernels> kernels, AttentionBackend<Tensor> fallback) {
    this.kernels = List.copyOf(kernels);
    this.fallback = fallback;
  }

  /**
   * Everything that this library computes attention with, on as many processor threads as {@link
   * CpuKernels#defaultThreads} says.
   *
   * @return the fastest there is for each call
   * @throws IllegalStateException if LibTorch cannot be loaded
   */
  public static KernelAttention standard() {
    return standard(CpuKernels.defaultThreads());
  }

  /**
   * Everything that this library computes attention with.
   *
   * @param threads processor threads per call of its own kernels, 1 to 1024
   * @return the fastest there is for each call
   * @throws IllegalArgumentException if there cannot be so many threads
   * @throws IllegalStateException if LibTorch cannot be loaded
   */
  public static KernelAttention standard(int threads) {
    TorchRuntime.require();
    List<AttentionKernels> kernels = new ArrayList<>();
    CudaTorchKernels.find().ifPresent(kernels::add);
    if (CpuKernels.isAvailable()) {
      kernels.add(new CpuTorchKernels(CpuAttention.of(CpuKernels.fastest(), threads)));
    }
    return new KernelAttention(kernels, new TorchBackend());
  }

  @Override
  public String name() {
    return Stream.concat(kernels.stream(), Stream.of(fallback))
        .map(AttentionBackend::name)
        .collect(Collectors.joining("+"));
  }

  @Override
  public AttentionShape shape(Tensor query, Tensor key) {
    return AttentionTensors.shape(query, key);
  }

  @Override
  public Tensor dense(Tensor query, Tensor key, Tensor value) {
    AttentionTensors.shape(query, key, value);
    for (AttentionKernels candidate : kernels) {
      if (candidate.supports(query, key) && candidate.prefersDense(query, key)) {
        return candidate.dense(query, key, value);
      }
    }
    return fallback.dense(query, key, value);
  }

  @Override
  public PreparedPattern prepare(SparsePattern pattern) {
    return new RoutedPattern(pattern.requireNoEmptyRow());
  }

  @Override
  public Tensor sparse(Tensor query, Tensor key, Tensor value, PreparedPattern pattern) {
    AttentionTensors.shape(query, key, value).checkFits(pattern.grid());
    AttentionBackend<Tensor> backend = backend(query, key, pattern.grid().blockSize());
    return pattern instanceof RoutedPattern routed
        ? backend.sparse(query, key, value, routed.preparedBy(backend))
        : backend.sparse(query, key, value, pattern.pattern());
  }

  @Override
  public void scores(Tensor query, Tensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    AttentionTensors.shape(query, key);
    backend(query, key, request.blockSize()).scores(query, key, request, consumer);
  }

  @Override
  public PreparedPattern select(
      Tensor query, Tensor key, ScoreRequest request, BlockSelector selector) {
    AttentionTensors.shape(query, key);
    AttentionBackend<Tensor> backend = backend(query, key, request.blockSize());
    return new RoutedPattern(backend, backend.select(query, key, request, selector));
  }

  @Override
  public Selected<Tensor> denseAndSelect(
      Tensor query, Tensor key, Tensor value, ScoreRequest request, BlockSelector selector) {
    AttentionTensors.shape(query, key, value);
    AttentionBackend<Tensor> backend = backend(query, key, request.blockSize());
    if (backend instanceof AttentionKernels own) {
      Selected<Tensor> selected = own.denseAndSelect(query, key, value, request, selector);
      return new Selected<>(selected.output(), new RoutedPattern(own, selected.pattern()));
    }
    return AttentionBackend.super.denseAndSelect(query, key, value, request, selector);
  }

  /** That of the backend which calls with the usual blocks go to. */
  @Override
  public Optional<AttentionCost> cost(Tensor query) {
    return cost(query, USUAL_BLOCK_SIZE);
  }

  @Override
  public Optional<AttentionCost> cost(Tensor query, int blockSize) {
    return backend(query, query, blockSize).cost(query, blockSize);
  }

  private AttentionBackend<Tensor> backend(Tensor query, Tensor key, int blockSize) {
    for (AttentionKernels candidate : kernels) {
      if (candidate.supports(query, key) && candidate.supportsBlocks(query, blockSize)) {
        return candidate;
      }
    }
    return fallback;
  }

  /** A pattern in the forms of the backends that have computed with it. */
  private static final class RoutedPattern implements PreparedPattern {

    private final PreparedPattern source;
    private final Map<AttentionBackend<Tensor>, PreparedPattern> prepared = new HashMap<>();

    RoutedPattern(SparsePattern pattern) {
      this.source = new HeapPattern(pattern);
    }

    RoutedPattern(AttentionBackend<Tensor> backend, PreparedPattern prepared) {
      this.source = prepared;
      this.prepared.put(backend, prepared);
    }

    synchronized PreparedPattern preparedBy(AttentionBackend<Tensor> backend) {
      return prepared.computeIfAbsent(backend, maker -> maker.prepare(source.pattern()));
    }

    @Override
    public SparsePattern pattern() {
      return source.pattern();
    }

    @Override
    public BlockGrid grid() {
      return source.grid();
    }

    @Override
    public synchronized void close() {
      prepared.values().forEach(PreparedPattern::close);
      prepared.clear();
      source.close();
    }
  }
}
