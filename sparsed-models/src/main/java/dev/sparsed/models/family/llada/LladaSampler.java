package dev.sparsed.models.family.llada;

import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.decoding.TokenSampler;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * LLaDA's choice of a token: the largest of the logits with Gumbel noise, its confidence being its
 * probability without noise.
 *
 * @param policy temperature
 * @param noise the sequence's random numbers
 * @param precision of the probabilities: LLaDA's code takes the logits', Fast-dLLM's float64
 */
record LladaSampler(LladaDecoding policy, Noise noise, ScalarType precision)
    implements TokenSampler {

  @Override
  public Choice choose(Tensor logits, int step, int[] positions) {
    Tensor noisy = logits;
    if (policy.temperature() > 0) {
      try (Device device = logits.device()) {
        Tensor gumbel = noise.gumbels(step, positions, (int) logits.size(-1), device);
        noisy = gumbel.mul_(new Scalar(policy.temperature())).add_(logits.to(ScalarType.Double));
      }
    }
    Tensor tokens = noisy.argmax(new LongOptional(-1), true);
    Tensor chance = torch.softmax(logits.to(precision), -1).gather(-1, tokens).squeeze(-1);
    return new Choice(tokens.squeeze(-1), chance, chance);
  }
}
