package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What a forward pass gave for one feed.
 *
 * @param hidden normed hidden rows [read, hidden]
 * @param logits of these rows [read, rows of the embedding] in the model's dtype, where a product
 *     that several feeds shared has given them already
 */
public record Fed(Tensor hidden, Optional<Tensor> logits) {

  /**
   * Logits of some of the rows.
   *
   * @param transformer computes them where they are not there
   * @param from first row, inclusive
   * @param to last row, exclusive
   * @return float32 logits [to - from, rows of the embedding], attached to the scope around the
   *     call; the caller's own, to be changed at will
   */
  public Tensor logits(Transformer transformer, int from, int to) {
    if (logits.isEmpty()) {
      return transformer.logits(hidden.narrow(0, from, (long) to - from));
    }
    Tensor all = logits.get();
    return WorkClock.time(
        Work.HEAD, () -> Scoped.result(() -> wide(all.narrow(0, from, (long) to - from))));
  }

  private static Tensor wide(Tensor rows) {
    return rows.scalar_type().intern() == ScalarType.Float
        ? rows.clone()
        : rows.to(ScalarType.Float);
  }

  /** Keeps the tensors beyond the scope around this call. */
  void retain() {
    hidden.retainReference();
    logits.ifPresent(Tensor::retainReference);
  }

  /** Gives retained tensors to the scope around this call. */
  void adopt() {
    Scoped.adopt(hidden);
    logits.ifPresent(Scoped::adopt);
  }

  /** Releases retained tensors. */
  void release() {
    hidden.close();
    logits.ifPresent(Tensor::close);
  }
}
