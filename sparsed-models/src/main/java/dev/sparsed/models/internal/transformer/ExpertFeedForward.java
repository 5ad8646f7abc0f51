package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Experts, of which each token goes through some. Rows are grouped by expert: one product per
 * expert that has rows, over these only. What experts give is added up in float32.
 *
 * @param router chooses
 * @param experts the experts
 * @param shared what every token goes through besides, or null
 */
record ExpertFeedForward(
    ExpertRouter router, List<GatedFeedForward> experts, @Nullable GatedFeedForward shared)
    implements FeedForward {

  @Override
  public Tensor apply(Tensor rows, List<TokenRange> pieces) {
    return Scoped.result(
        () -> {
          ExpertRouter.Choice choice = router.choose(rows);
          Tensor sum = torch.zeros_like(rows.to(ScalarType.Float));
          ExpertRows byExpert =
              ExpertRows.of(HostArrays.toInts(choice.experts()), choice.perToken(), experts.size());
          try (Device device = rows.device()) {
            Tensor tokens = HostArrays.toTensor(byExpert.tokens(), device);
            Tensor weights =
                choice
                    .weights()
                    .view(-1, 1)
                    .index_select(0, HostArrays.toTensor(byExpert.choices(), device));
            for (int expert = 0; expert < experts.size(); expert++) {
              add(expert, byExpert, rows, tokens, weights, sum);
            }
          }
          Tensor routed = sum.to(rows.scalar_type());
          return shared == null ? routed : routed.add_(shared.apply(rows, pieces));
        });
  }

  /** Adds what one expert gives for the rows that chose it. */
  private void add(
      int expert, ExpertRows byExpert, Tensor rows, Tensor tokens, Tensor weights, Tensor sum) {
    int first = byExpert.first(expert);
    int count = byExpert.first(expert + 1) - first;
    if (count == 0) {
      return;
    }
    Scoped.run(
        () -> {
          Tensor of = tokens.narrow(0, first, count);
          Tensor output =
              experts
                  .get(expert)
                  .apply(rows.index_select(0, of), List.of(new TokenRange(0, count)));
          sum.index_add_(0, of, output.to(ScalarType.Float).mul_(weights.narrow(0, first, count)));
        });
  }
}
