package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCost;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.HeapPattern;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.ScoreRequest;
import java.util.Optional;

/** The pointer-level calls as a backend, so that they meet the contract too. */
final class NativeTensorBackend implements AttentionBackend<NativeTensor> {

  private final CpuAttention attention;

  NativeTensorBackend(CpuAttention attention) {
    this.attention = attention;
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public AttentionShape shape(NativeTensor query, NativeTensor key) {
    return CpuAttention.shape(query.view(), key.view());
  }

  private static NativeTensor like(NativeTensor query) {
    CpuTensor view = query.view();
    return NativeTensor.contiguous(
        view.type(), view.batch(), view.heads(), view.length(), view.headDimension());
  }

  @Override
  public NativeTensor dense(NativeTensor query, NativeTensor key, NativeTensor value) {
    NativeTensor output = like(query);
    attention.dense(query.view(), key.view(), value.view(), output.view());
    return output;
  }

  @Override
  public PreparedPattern prepare(SparsePattern pattern) {
    return new HeapPattern(pattern.requireNoEmptyRow());
  }

  @Override
  public NativeTensor sparse(
      NativeTensor query, NativeTensor key, NativeTensor value, PreparedPattern pattern) {
    NativeTensor output = like(query);
    attention.sparse(query.view(), key.view(), value.view(), output.view(), pattern.pattern());
    return output;
  }

  @Override
  public void scores(
      NativeTensor query, NativeTensor key, ScoreRequest request, BlockScoreConsumer consumer) {
    attention.scores(query.view(), key.view(), request, consumer);
  }

  @Override
  public Optional<AttentionCost> cost(NativeTensor query) {
    return Optional.of(
        new CpuCostModel(attention.level(), query.view().type(), attention.threads()));
  }
}
