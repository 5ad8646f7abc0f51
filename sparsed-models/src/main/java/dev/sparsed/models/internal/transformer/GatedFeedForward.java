package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One feed-forward part: SiLU of the gate, multiplied with what goes up, and back down.
 *
 * @param gate [hidden] to [inner]
 * @param up [hidden] to [inner]
 * @param down [inner] to [hidden]
 * @param math computes the activation
 */
record GatedFeedForward(Linear gate, Linear up, Linear down, RowMath math) implements FeedForward {

  @Override
  public Tensor apply(Tensor rows, List<TokenRange> pieces) {
    Tensor inner = gate.apply(rows);
    Tensor outer = up.apply(rows);
    WorkClock.run(Work.ACTIVATION, () -> math.gate(inner, outer, pieces));
    return down.apply(inner);
  }
}
