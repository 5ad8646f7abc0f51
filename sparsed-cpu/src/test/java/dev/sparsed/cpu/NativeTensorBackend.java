package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.tensor.TensorForm;
import java.util.Optional;
import java.util.function.Consumer;

/** The pointer-level calls as a backend, so that they meet the contract too. */
final class NativeTensorBackend implements AttentionBackend<NativeTensor> {

  private static final TensorReader<NativeTensor> READER = tensor -> tensor.view().layout().form();

  private final CpuAttention attention;

  NativeTensorBackend(CpuAttention attention) {
    this.attention = attention;
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public TensorReader<NativeTensor> tensors() {
    return READER;
  }

  private static AttentionCall<CpuTensor> views(AttentionCall<NativeTensor> call) {
    return call.map(CpuTensor.READER, NativeTensor::view);
  }

  private static NativeTensor output(AttentionCall<NativeTensor> call) {
    TensorForm form = call.queryForm();
    return NativeTensor.contiguous(
        form.type(), form.batch(), form.heads(), form.length(), form.headDimension());
  }

  @Override
  public NativeTensor dense(AttentionCall<NativeTensor> call) {
    NativeTensor output = output(call);
    attention.dense(views(call), output.view());
    return output;
  }

  @Override
  public NativeTensor sparse(AttentionCall<NativeTensor> call, PreparedPattern pattern) {
    NativeTensor output = output(call);
    attention.sparse(views(call), pattern, output.view());
    return output;
  }

  private static NativeTensor logSumExp(AttentionCall<NativeTensor> call) {
    TensorForm form = call.logSumExpLayout().form();
    return NativeTensor.contiguous(
        form.type(), form.batch(), form.heads(), form.length(), form.headDimension());
  }

  @Override
  public WithLogSumExp<NativeTensor> denseWithLogSumExp(AttentionCall<NativeTensor> call) {
    WithLogSumExp<NativeTensor> both = new WithLogSumExp<>(output(call), logSumExp(call));
    attention.dense(views(call), both.output().view(), both.logSumExp().view());
    return both;
  }

  @Override
  public WithLogSumExp<NativeTensor> sparseWithLogSumExp(
      AttentionCall<NativeTensor> call, PreparedPattern pattern) {
    WithLogSumExp<NativeTensor> both = new WithLogSumExp<>(output(call), logSumExp(call));
    attention.sparse(views(call), pattern, both.output().view(), both.logSumExp().view());
    return both;
  }

  @Override
  public void scores(
      AttentionCall<NativeTensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    attention.scores(views(call), request, consumer);
  }

  @Override
  public Optional<AttentionBackend.AttentionCost> cost(NativeTensor query, BlockShape blocks) {
    return Optional.of(attention.cost(query.view().layout().form().type()));
  }
}
