package dev.sparsed.models.family.dream;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Restrictions of what is sampled from. Removed logits take the smallest finite float32, as in the
 * published code.
 */
final class LogitFilters {

  private static final double REMOVED = -Float.MAX_VALUE;

  private LogitFilters() {}

  /**
   * Nucleus: keeps a token if the tokens ranked above it hold no more than the given probability,
   * the token that crosses the threshold thereby included. Of equal logits the lower tokens rank
   * above, which the published code leaves to its sort.
   *
   * @param logits float32 [rows, vocabulary]
   * @param probability threshold, 0 to 1
   */
  static Tensor topP(Tensor logits, double probability) {
    if (!logits.is_cpu() || logits.dim() != 2 || logits.numel() == 0) {
      return topPBySorting(logits, probability);
    }
    Tensor kept = logits.clone().contiguous();
    Tensor probabilities = torch.softmax(kept, -1).contiguous();
    for (int row : Nucleus.restrict(kept, probabilities, probability, (float) REMOVED)) {
      kept.narrow(0, row, 1).copy_(topPBySorting(logits.narrow(0, row, 1), probability));
    }
    return kept;
  }

  /** What {@link #topP} means. */
  static Tensor topPBySorting(Tensor logits, double probability) {
    T_TensorTensor_T sorted = logits.sort(new BoolOptional(true), -1, true);
    Tensor mass = torch.softmax(sorted.get0(), -1).cumsum(-1);
    Tensor removed = torch.zeros_like(mass).to(torch.ScalarType.Bool);
    long others = logits.size(-1) - 1;
    if (others > 0) {
      removed.narrow(-1, 1, others).copy_(mass.narrow(-1, 0, others).gt(new Scalar(probability)));
    }
    Tensor mask = torch.zeros_like(removed).scatter_(-1, sorted.get1(), removed);
    return logits.masked_fill(mask, new Scalar(REMOVED));
  }

  /**
   * Keeps the largest logits, those that tie with the last of them included.
   *
   * @param logits float32 [rows, vocabulary]
   * @param count how many, capped at the vocabulary
   */
  static Tensor topK(Tensor logits, int count) {
    long k = Math.min(count, logits.size(-1));
    Tensor least = logits.topk(k).get0().narrow(-1, k - 1, 1);
    return logits.masked_fill(logits.lt(least), new Scalar(REMOVED));
  }
}
