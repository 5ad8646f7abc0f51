package dev.sparsed.models.torch;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuCostModel;
import dev.sparsed.cpu.CpuTensor;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.PatternCollector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The kernels of {@code sparsed-cpu} over LibTorch tensors in float32 and bf16, without copies. */
public final class CpuTorchKernels implements AttentionKernels {

  private final CpuAttention attention;

  /**
   * Makes the backend.
   *
   * @param attention instruction set and threads
   */
  public CpuTorchKernels(CpuAttention attention) {
    this.attention = attention;
  }

  @Override
  public String name() {
    return "cpu-" + attention.level().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean supports(Tensor query, Tensor key) {
    return query.is_cpu()
        && query.scalar_type().intern() != ScalarType.Half
        && query.size(3) <= CpuAttention.MAX_HEAD_DIMENSION;
  }

  @Override
  public boolean prefersDense(Tensor query, Tensor key) {
    return true;
  }

  @Override
  public AttentionShape shape(Tensor query, Tensor key) {
    AttentionShape shape = AttentionTensors.shape(query, key);
    checkArgument(
        supports(query, key), "the CPU kernels compute no attention over tensors like %s", shape);
    return shape;
  }

  @Override
  public Tensor dense(Tensor query, Tensor key, Tensor value) {
    checkFit(query, key, value);
    return Scoped.result(
        () -> {
          Views views = new Views(query, key);
          Tensor output = torch.empty_like(views.queryTensor);
          attention.dense(
              views.query,
              views.key,
              CpuViews.of(CpuViews.contiguousRows(value)),
              CpuViews.of(output));
          return output;
        });
  }

  @Override
  public Tensor sparse(Tensor query, Tensor key, Tensor value, PreparedPattern pattern) {
    SparsePattern blocks = pattern.pattern();
    checkFit(query, key, value).checkFits(blocks.grid());
    return Scoped.result(
        () -> {
          Views views = new Views(query, key);
          Tensor output = torch.empty_like(views.queryTensor);
          attention.sparse(
              views.query,
              views.key,
              CpuViews.of(CpuViews.contiguousRows(value)),
              CpuViews.of(output),
              blocks);
          return output;
        });
  }

  @Override
  public void scores(Tensor query, Tensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    request.checkFits(shape(query, key).grid(request.blockSize()));
    Scoped.run(
        () -> {
          Views views = new Views(query, key);
          attention.scores(views.query, views.key, request, consumer);
        });
  }

  @Override
  public Selected<Tensor> denseAndSelect(
      Tensor query, Tensor key, Tensor value, ScoreRequest request, BlockSelector selector) {
    request.checkServes(selector);
    BlockGrid grid = checkFit(query, key, value).grid(request.blockSize());
    request.checkFits(grid);
    if (selector.scope() == ScoreScope.NONE) {
      return AttentionKernels.super.denseAndSelect(query, key, value, request, selector);
    }
    PatternCollector collector = new PatternCollector(grid, selector);
    Tensor result =
        Scoped.result(
            () -> {
              Views views = new Views(query, key);
              Tensor output = torch.empty_like(views.queryTensor);
              attention.denseAndScores(
                  views.query,
                  views.key,
                  CpuViews.of(CpuViews.contiguousRows(value)),
                  CpuViews.of(output),
                  request,
                  collector);
              return output;
            });
    return new Selected<>(result, prepare(collector.finish()));
  }

  @Override
  public Optional<AttentionCost> cost(Tensor query) {
    return Optional.of(
        new CpuCostModel(attention.level(), CpuViews.type(query), attention.threads()));
  }

  private AttentionShape checkFit(Tensor query, Tensor key, Tensor value) {
    shape(query, key);
    return AttentionTensors.shape(query, key, value);
  }

  /** Queries and keys as the kernels read them. */
  private static final class Views {
    final Tensor queryTensor;
    final CpuTensor query;
    final CpuTensor key;

    Views(Tensor query, Tensor key) {
      this.queryTensor = CpuViews.contiguousRows(query);
      this.query = CpuViews.of(queryTensor);
      this.key = CpuViews.of(CpuViews.contiguousRows(key));
    }
  }
}
