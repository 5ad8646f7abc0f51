package org.example.extensions;

import dev.sparsed.models.decoding.Candidate;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.PassDecoding;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * Like the entropy-bounded sampler (arXiv 2505.24857): a pass decides as many positions, the most
 * certain first, as may be decided together without much being lost: the entropies of all but the
 * last of them add up to no more than a bound.
 *
 * @param bound in nats; 0 decides one position and those that are certain
 * @param blockLength tokens that are decoded together
 */
public record EntropyBoundedLike(double bound, int blockLength) implements PassDecoding {

  @Override
  public OptionalInt tokensPerBlock() {
    return OptionalInt.of(blockLength);
  }

  @Override
  public PassDecoding.DecidingPass pass(DecodingContext context) {
    return (predictions, editor) -> {
      List<Candidate> ranked =
          predictions.likeliest().stream()
              .sorted(Comparator.comparingDouble(Candidate::entropy))
              .toList();
      double sum = 0;
      for (int i = 0; i < ranked.size() && (i == 0 || sum <= bound); i++) {
        editor.commit(ranked.get(i).position(), ranked.get(i).token());
        sum += ranked.get(i).entropy();
      }
    };
  }
}
