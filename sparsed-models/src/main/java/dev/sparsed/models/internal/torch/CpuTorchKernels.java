package dev.sparsed.models.internal.torch;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuTensor;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.tensor.ElementType;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
  public boolean supports(AttentionCall<Tensor> call) {
    return call.type() != ElementType.FLOAT16
        && call.shape().headDimension() <= CpuAttention.MAX_HEAD_DIMENSION
        && call.query().is_cpu();
  }

  @Override
  public boolean prefersDense(AttentionCall<Tensor> call) {
    return true;
  }

  @Override
  public Tensor dense(AttentionCall<Tensor> call) {
    return written(call, attention::dense);
  }

  @Override
  public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
    return written(call, (views, output) -> attention.sparse(views, pattern, output));
  }

  @Override
  public WithLogSumExp<Tensor> denseWithLogSumExp(AttentionCall<Tensor> call) {
    return writtenWithLogSumExp(
        call, (views, both) -> attention.dense(views, both.output(), both.logSumExp()));
  }

  @Override
  public WithLogSumExp<Tensor> sparseWithLogSumExp(
      AttentionCall<Tensor> call, PreparedPattern pattern) {
    return writtenWithLogSumExp(
        call, (views, both) -> attention.sparse(views, pattern, both.output(), both.logSumExp()));
  }

  @Override
  public void scores(
      AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    checkSupported(call);
    Scoped.run(() -> attention.scores(views(call), request, consumer));
  }

  /** Output and scores come from one pass. */
  @Override
  public Selected<Tensor> denseAndSelectByScores(AttentionCall<Tensor> call, Selection selection) {
    Tensor[] output = new Tensor[1];
    PreparedPattern pattern =
        PreparedPattern.of(
            selection.byScores(
                consumer ->
                    output[0] =
                        written(
                            call,
                            (views, view) ->
                                attention.denseAndScores(
                                    views, view, selection.request(), consumer))));
    return new Selected<>(output[0], pattern);
  }

  @Override
  public Map<String, String> platform(Tensor query, BlockShape blocks) {
    return attention.platform();
  }

  @Override
  public Optional<AttentionBackend.AttentionCost> cost(Tensor query, BlockShape blocks) {
    return Optional.of(attention.cost(AttentionTensors.type(query)));
  }

  /** A new tensor for a call's output, and the work that writes it. */
  private Tensor written(
      AttentionCall<Tensor> call, BiConsumer<AttentionCall<CpuTensor>, CpuTensor> work) {
    checkSupported(call);
    return Scoped.result(
        () -> {
          // Laid out as the queries are, so that what follows attention finds its heads as before.
          Tensor output = CpuViews.contiguousRows(torch.empty_like(call.query()));
          work.accept(views(call), CpuViews.of(output));
          return output;
        });
  }

  private WithLogSumExp<Tensor> writtenWithLogSumExp(
      AttentionCall<Tensor> call,
      BiConsumer<AttentionCall<CpuTensor>, WithLogSumExp<CpuTensor>> work) {
    checkSupported(call);
    return Scoped.results(
        () -> {
          Tensor output = CpuViews.contiguousRows(torch.empty_like(call.query()));
          Tensor sums = LogSumExps.empty(call.query());
          work.accept(views(call), new WithLogSumExp<>(CpuViews.of(output), CpuViews.of(sums)));
          return new WithLogSumExp<>(output, sums);
        });
  }

  private void checkSupported(AttentionCall<Tensor> call) {
    checkArgument(
        supports(call), "the CPU kernels compute no attention over tensors like %s", call);
  }

  /** Queries, keys and values as the kernels read them, for the scope around. */
  private static AttentionCall<CpuTensor> views(AttentionCall<Tensor> call) {
    return call.map(CpuTensor.READER, tensor -> CpuViews.of(CpuViews.contiguousRows(tensor)));
  }
}
