package dev.sparsed.models.family.dream;

import dev.sparsed.models.decoding.Noise;
import dev.sparsed.models.decoding.TokenSampler;
import dev.sparsed.models.internal.torch.HostArrays;
import java.util.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Dream's choice of a token: temperature, top-p and top-k, and the confidence of its algorithm. */
record DreamSampler(DreamDecoding policy, Noise noise) implements TokenSampler {

  /** What the published code adds to a probability before it takes the logarithm. */
  private static final double ENTROPY_EPSILON = 1e-10;

  @Override
  public Choice choose(Tensor logits, int step, int[] positions) {
    Tensor scaled =
        policy.temperature() > 0 ? logits.div(new Scalar(policy.temperature())) : logits;
    if (policy.topP().isPresent() && policy.topP().getAsDouble() < 1) {
      scaled = LogitFilters.topP(scaled, policy.topP().getAsDouble());
    }
    if (policy.topK().isPresent()) {
      scaled = LogitFilters.topK(scaled, policy.topK().getAsInt());
    }
    Tensor probabilities = torch.softmax(scaled, -1);
    T_TensorTensor_T best = probabilities.max(-1);
    Tensor tokens = best.get1();
    Tensor chance = best.get0();
    if (policy.temperature() > 0) {
      tokens = sample(probabilities, step, positions);
      chance = probabilities.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
    }
    return new Choice(
        tokens,
        switch (policy.algorithm()) {
          case ORIGIN, MASKGIT_PLUS -> chance;
          case TOPK_MARGIN -> margin(probabilities);
          case ENTROPY ->
              probabilities
                  .add(new Scalar(ENTROPY_EPSILON))
                  .log_()
                  .mul_(probabilities)
                  .sum(new long[] {-1}, false, new ScalarTypeOptional());
        },
        chance);
  }

  private static Tensor margin(Tensor probabilities) {
    Tensor top = probabilities.topk(Math.min(2, probabilities.size(-1))).get0();
    return top.select(-1, 0).sub(top.select(-1, top.size(-1) - 1));
  }

  /** Inverts the distribution function at one random number per row. */
  private Tensor sample(Tensor probabilities, int step, int[] positions) {
    double[] numbers =
        Arrays.stream(positions)
            .mapToDouble(position -> noise.uniform(step, position, Noise.Purpose.TOKEN))
            .toArray();
    try (Device device = probabilities.device()) {
      Tensor mass = probabilities.cumsum(-1, new ScalarTypeOptional(ScalarType.Double));
      long last = probabilities.size(-1) - 1;
      Tensor at = HostArrays.toTensor(numbers, device).unsqueeze(1).mul_(mass.narrow(-1, last, 1));
      return torch
          .searchsorted(mass, at, false, true, new StringViewOptional(), new TensorOptional())
          .squeeze(1)
          .clamp_max_(new Scalar(last));
    }
  }
}
