package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** Takes the first kernels that support a call's tensors, LibTorch where none do. */
public final class KernelAttention implements AttentionBackend<Tensor> {

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
  public AttentionTensors tensors() {
    return AttentionTensors.READER;
  }

  @Override
  public Tensor dense(AttentionCall<Tensor> call) {
    return WorkClock.time(Work.ATTENTION, () -> forDense(call).dense(call));
  }

  private AttentionBackend<Tensor> forDense(AttentionCall<Tensor> call) {
    for (AttentionKernels candidate : kernels) {
      if (candidate.supports(call) && candidate.prefersDense(call)) {
        return candidate;
      }
    }
    return fallback;
  }

  @Override
  public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
    return WorkClock.time(
        Work.ATTENTION, () -> backend(call, pattern.grid().blocks()).sparse(call, pattern));
  }

  @Override
  public WithLogSumExp<Tensor> denseWithLogSumExp(AttentionCall<Tensor> call) {
    return WorkClock.time(Work.ATTENTION, () -> supporting(call).denseWithLogSumExp(call));
  }

  private AttentionBackend<Tensor> supporting(AttentionCall<Tensor> call) {
    for (AttentionKernels candidate : kernels) {
      if (candidate.supports(call)) {
        return candidate;
      }
    }
    return fallback;
  }

  @Override
  public WithLogSumExp<Tensor> sparseWithLogSumExp(
      AttentionCall<Tensor> call, PreparedPattern pattern) {
    return WorkClock.time(
        Work.ATTENTION,
        () -> backend(call, pattern.grid().blocks()).sparseWithLogSumExp(call, pattern));
  }

  @Override
  public void scores(
      AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    WorkClock.run(
        Work.SCORES, () -> backend(call, request.blocks()).scores(call, request, consumer));
  }

  @Override
  public PreparedPattern selectByScores(AttentionCall<Tensor> call, Selection selection) {
    return WorkClock.time(
        Work.SCORES,
        () -> backend(call, selection.grid().blocks()).selectByScores(call, selection));
  }

  @Override
  public Selected<Tensor> denseAndSelectByScores(AttentionCall<Tensor> call, Selection selection) {
    return backend(call, selection.grid().blocks()) instanceof AttentionKernels own
        ? WorkClock.time(Work.ATTENTION, () -> own.denseAndSelectByScores(call, selection))
        : AttentionBackend.super.denseAndSelectByScores(call, selection);
  }

  /** Those of what computes full attention, and of what calls with such blocks go to. */
  @Override
  public Map<String, String> platform(Tensor query, BlockShape blocks) {
    AttentionCall<Tensor> call = call(query, query, query);
    Map<String, String> platform = new HashMap<>(forDense(call).platform(query, blocks));
    platform.putAll(backend(call, blocks).platform(query, blocks));
    platform.put("backend", name());
    return platform;
  }

  /** That of the backend which calls with such blocks go to. */
  @Override
  public Optional<AttentionBackend.AttentionCost> cost(Tensor query, BlockShape blocks) {
    return backend(call(query, query, query), blocks).cost(query, blocks);
  }

  private AttentionBackend<Tensor> backend(AttentionCall<Tensor> call, BlockShape blocks) {
    for (AttentionKernels candidate : kernels) {
      if (candidate.supports(call) && candidate.supportsBlocks(call, blocks)) {
        return candidate;
      }
    }
    return fallback;
  }
}
