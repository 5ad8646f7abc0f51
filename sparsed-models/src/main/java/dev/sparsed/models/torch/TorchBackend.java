package dev.sparsed.models.torch;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.models.internal.torch.AttentionTensors;
import dev.sparsed.models.internal.torch.LogSumExps;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.torch.TorchCost;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention by LibTorch's own operations, on every device LibTorch has: the portable backend and
 * the fallback of faster ones.
 *
 * <p>Outputs are released with the {@link org.bytedeco.javacpp.PointerScope} around the call or,
 * where there is none, by the caller's {@code close()}. Inputs may have any strides.
 */
public final class TorchBackend implements AttentionBackend<Tensor> {

  /**
   * On the processor, with fewer keys than lanes, LibTorch's fused operation takes scores that are
   * not numbers for a row without keys, whose output is zero.
   */
  private static final int FEWEST_FUSED_KEYS = 64;

  /** Makes the backend; it holds no state. */
  public TorchBackend() {}

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public TensorReader<Tensor> tensors() {
    return AttentionTensors.READER;
  }

  @Override
  public Tensor dense(AttentionCall<Tensor> call) {
    return Scoped.result(() -> dense(call.query(), call.key(), call.value(), call.shape()));
  }

  /**
   * Query heads that share a key head are folded into one long query, which attention's rows being
   * independent of each other allows: LibTorch would copy keys and values once per query head.
   */
  private static Tensor dense(Tensor query, Tensor key, Tensor value, AttentionShape shape) {
    if (shape.heads() == shape.kvHeads()) {
      return scaledDotProduct(query, key, value);
    }
    long group = shape.heads() / shape.kvHeads();
    Tensor folded =
        query
            .contiguous()
            .view(
                shape.batch(), shape.kvHeads(), group * shape.queryLength(), shape.headDimension());
    return scaledDotProduct(folded, key, value)
        .reshape(shape.batch(), shape.heads(), shape.queryLength(), shape.headDimension());
  }

  /** Full attention of equally many heads, by LibTorch's fused operation. */
  static Tensor scaledDotProduct(Tensor query, Tensor key, Tensor value) {
    if (key.is_cpu() && key.size(2) < FEWEST_FUSED_KEYS) {
      return stepByStep(query, key, value);
    }
    return torch.scaled_dot_product_attention(
        query, key, value, new TensorOptional(), 0.0, false, new DoubleOptional(), false);
  }

  /** The same, in float32 and one operation after the other. */
  private static Tensor stepByStep(Tensor query, Tensor key, Tensor value) {
    ScalarType wide = ScalarType.Float;
    Scalar scale = new Scalar(1 / Math.sqrt((double) query.size(3)));
    Tensor scores = torch.matmul(query.to(wide).mul(scale), key.to(wide).transpose(-2, -1));
    return torch.matmul(torch.softmax(scores, -1), value.to(wide)).to(query.scalar_type());
  }

  @Override
  public Tensor sparse(AttentionCall<Tensor> call, PreparedPattern pattern) {
    call.shape().checkFits(pattern.grid());
    return Scoped.result(
        () ->
            new BlockGather(call.shape(), pattern.pattern())
                .attend(call.query(), call.key(), call.value()));
  }

  @Override
  public WithLogSumExp<Tensor> denseWithLogSumExp(AttentionCall<Tensor> call) {
    return Scoped.results(() -> new WithLogSumExp<>(dense(call), LogSumExps.dense(call)));
  }

  @Override
  public WithLogSumExp<Tensor> sparseWithLogSumExp(
      AttentionCall<Tensor> call, PreparedPattern pattern) {
    call.shape().checkFits(pattern.grid());
    return Scoped.results(
        () ->
            new BlockGather(call.shape(), pattern.pattern())
                .attendWithLogSumExp(call.query(), call.key(), call.value()));
  }

  @Override
  public void scores(
      AttentionCall<Tensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    request.checkScores(call.grid(request.blocks()));
    Scoped.run(
        () -> new ScoreStrips(call.shape(), request).compute(call.query(), call.key(), consumer));
  }

  @Override
  public Map<String, String> platform(Tensor query, BlockShape blocks) {
    return TorchPlatform.of(query);
  }

  @Override
  public Optional<AttentionBackend.AttentionCost> cost(Tensor query, BlockShape blocks) {
    return Optional.of(new TorchCost());
  }
}
