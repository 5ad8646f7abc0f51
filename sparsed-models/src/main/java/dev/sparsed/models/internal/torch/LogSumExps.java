package dev.sparsed.models.internal.torch;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Log-sum-exps of attention's logits by LibTorch's own operations, in float32 whatever the dtype.
 */
public final class LogSumExps {

  /** Logits held at a time, in elements, unless those of one row alone are more. */
  private static final long MOST_LOGITS = 1 << 23;

  private static final long[] LAST = {-1};

  private LogSumExps() {}

  /**
   * Memory for those of a call.
   *
   * @param query its queries [B, H, queryLength, D]
   * @return a float32 per query [B, H, queryLength, 1], not set
   */
  public static Tensor empty(Tensor query) {
    return empty(query, query.size(0), query.size(1), query.size(2), 1);
  }

  /**
   * Memory for float32.
   *
   * @param beside a tensor of the device
   * @param sizes the sizes
   * @return the tensor, not set
   */
  public static Tensor empty(Tensor beside, long... sizes) {
    return beside.new_empty(
        sizes, beside.options().dtype(new ScalarTypeOptional(ScalarType.Float)));
  }

  /**
   * Those over all keys: some rows of the heads that share keys at a time.
   *
   * @param call queries and keys
   * @return a float32 per query [B, H, queryLength, 1]
   */
  public static Tensor dense(AttentionCall<Tensor> call) {
    AttentionShape shape = call.shape();
    Tensor result = empty(call.query());
    int group = shape.heads() / shape.kvHeads();
    long rows = (long) group * shape.queryLength();
    long most = Math.max(1, MOST_LOGITS / shape.keyLength());
    for (int item = 0; item < shape.batch(); item++) {
      for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
        Tensor keys = call.key().select(0, item).select(0, kvHead);
        Tensor queries =
            call.query()
                .select(0, item)
                .narrow(0, (long) kvHead * group, group)
                .reshape(rows, shape.headDimension());
        Tensor sums = result.select(0, item).narrow(0, (long) kvHead * group, group).view(rows);
        for (long from = 0; from < rows; from += most) {
          long first = from;
          long count = Math.min(most, rows - from);
          Scoped.run(
              () -> sums.narrow(0, first, count).copy_(of(queries.narrow(0, first, count), keys)));
        }
      }
    }
    return result;
  }

  /**
   * Those of some queries over some keys.
   *
   * @param query queries [.., Q, D]
   * @param key keys [.., S, D]
   * @return float32 [.., Q]
   */
  public static Tensor of(Tensor query, Tensor key) {
    double scale = 1 / Math.sqrt((double) query.size(query.dim() - 1));
    Tensor logits =
        torch.matmul(
            query.to(ScalarType.Float).mul(new Scalar(scale)),
            key.to(ScalarType.Float).transpose(-2, -1));
    return torch.logsumexp(logits, LAST, false);
  }
}
