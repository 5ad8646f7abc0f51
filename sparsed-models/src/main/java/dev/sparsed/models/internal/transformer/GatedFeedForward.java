package dev.sparsed.models.internal.transformer;

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

  @Override
  public Tensor apply(Tensor rows) {
    return down.apply(torch.silu_(gate.apply(rows)).mul_(up.apply(rows)));
  }
}
