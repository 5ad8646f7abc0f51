package dev.sparsed.models.torch;

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
final class LogSumExps {

  /** Logits held at a time, in elements, unless those of one row alone are more. */
  private static final long MOST_LOGITS = 1 << 23;

  private static final long[] LAST = {-1};

  private LogSumExps() {}

  /** Memory for those of a call, a float32 per query [B, H, queryLength, 1]. */
  static Tensor empty(Tensor query) {
    return empty(query, query.size(0), query.size(1), query.size(2), 1);
  }

  /** Memory for float32 of some sizes, where another tensor is. */
  static Tensor empty(Tensor beside, long... sizes) {
    return beside.new_empty(
        sizes, beside.options().dtype(new ScalarTypeOptional(ScalarType.Float)));
  }

  /**
   * Those over all keys [B, H, queryLength, 1]: some rows of the heads that share keys at a time.
   */
  static Tensor dense(AttentionCall<Tensor> call) {
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

  /** Those of queries [.., Q, D] over keys [.., S, D]: [.., Q]. */
  static Tensor of(Tensor query, Tensor key) {
    double scale = 1 / Math.sqrt((double) query.size(query.dim() - 1));
    Tensor logits =
        torch.matmul(
            query.to(ScalarType.Float).mul(new Scalar(scale)),
            key.to(ScalarType.Float).transpose(-2, -1));
    return torch.logsumexp(logits, LAST, false);
  }
}
