package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One feed-forward part: SiLU of the gate, multiplied with what goes up, and back down.
 *
 * @param gate [hidden] to [inner]
 * @param up [hidden] to [inner]
 * @param down [inner] to [hidden]
 */
record GatedFeedForward(Linear gate, Linear up, Linear down) implements FeedForward {

  /**
   * The activation takes one sequence's rows at a time: LibTorch computes the last elements of a
   * tensor by other instructions than the rest, and the last bit of an exponential tells.
   */
  @Override
  public Tensor apply(Tensor rows, List<TokenRange> pieces) {
    Tensor inner = gate.apply(rows);
    Tensor outer = up.apply(rows);
    WorkClock.run(
        Work.ACTIVATION,
        () -> {
          for (TokenRange piece : pieces) {
            torch.silu_(inner.narrow(0, piece.from(), piece.length()));
          }
          inner.mul_(outer);
        });
    return down.apply(inner);
  }
}
