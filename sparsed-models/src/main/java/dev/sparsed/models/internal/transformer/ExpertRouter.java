package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.family.Experts;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the experts of each token. Scores are float32; with sigmoids the router's product is too,
 * as in the published code.
 *
 * @param routing how to choose
 * @param weight what scores experts, [experts] from [hidden]
 * @param correction what is added to scores for choosing [experts], float32, or null
 */
record ExpertRouter(Experts routing, Linear weight, @Nullable Tensor correction) {

  /**
   * What was chosen.
   *
   * @param experts indices [tokens, experts per token]
   * @param weights their weights, float32 [tokens, experts per token]
   */
  record Choice(Tensor experts, Tensor weights) {
    int perToken() {
      return (int) experts.size(1);
    }
  }

  /** Chooses for rows [tokens, hidden]; tensors are attached to the scope around the call. */
  Choice choose(Tensor rows) {
    Tensor scores = scores(rows);
    Tensor ranked = correction == null ? scores : scores.add(correction);
    if (routing.groupsPerToken() < routing.groups()) {
      ranked = withinGroups(ranked);
    }
    Tensor experts = ranked.topk(routing.perToken()).get1();
    Tensor weights = scores.gather(1, experts);
    if (routing.normalised() && routing.perToken() > 1) {
      Tensor sums = weights.sum(new long[] {1}, true, new ScalarTypeOptional());
      weights = weights.div(sums.add_(new Scalar(1e-20)));
    }
    return new Choice(experts, weights.mul_(new Scalar(routing.scale())));
  }

  private Tensor scores(Tensor rows) {
    return switch (routing.score()) {
      case SOFTMAX -> torch.softmax(weight.apply(rows).to(ScalarType.Float), 1);
      case SIGMOID -> torch.sigmoid(weight.apply(rows.to(ScalarType.Float)));
    };
  }

  /** Scores [tokens, experts] with those outside a token's best groups at minus infinity. */
  private Tensor withinGroups(Tensor scores) {
    long tokens = scores.size(0);
    Tensor grouped = scores.view(tokens, routing.groups(), -1);
    Tensor best =
        grouped
            .topk(2)
            .get0()
            .sum(new long[] {2}, false, new ScalarTypeOptional())
            .topk(routing.groupsPerToken())
            .get1();
    Tensor others = torch.ones_like(grouped.select(2, 0)).scatter_(1, best, new Scalar(0));
    return grouped
        .masked_fill(others.to(ScalarType.Bool).unsqueeze(2), new Scalar(Double.NEGATIVE_INFINITY))
        .view(tokens, -1);
  }
}
