package org.example.extensions;

import dev.sparsed.models.decoding.Candidate;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.PassDecoding;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.decoding.SequenceEditor;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Like KLASS (arXiv 2511.05664): a position is decided when the model is sure of it and its
 * prediction has hardly changed over the last passes. Where there is none such, the surest one is.
 *
 * @param confidence probability from which on a candidate is sure, 0 to 1
 * @param divergence Kullback-Leibler divergence from the pass before, in nats, up to which a
 *     prediction has not changed
 * @param passes how often in a row it must not have changed
 * @param blockLength tokens that are decoded together
 */
public record KlassLike(double confidence, double divergence, int passes, int blockLength)
    implements PassDecoding {

  @Override
  public OptionalInt tokensPerBlock() {
    return OptionalInt.of(blockLength);
  }

  @Override
  public PassDecoding.DecidingPass pass(DecodingContext context) {
    return new Pass(this, new HashMap<>(), new HashMap<>());
  }

  /** What was predicted last, and for how many passes it has been the same, for each position. */
  private record Pass(KlassLike policy, Map<Integer, float[]> before, Map<Integer, Integer> same)
      implements PassDecoding.DecidingPass {

    @Override
    public void decide(Predictions predictions, SequenceEditor editor) {
      List<Candidate> candidates = predictions.likeliest();
      for (int row = 0; row < candidates.size(); row++) {
        int position = candidates.get(row).position();
        float[] now = predictions.probabilities(row);
        float[] then = before.put(position, now);
        boolean unchanged = then != null && divergence(now, then) <= policy.divergence;
        same.merge(position, 0, (count, none) -> unchanged ? count + 1 : 0);
      }
      List<Candidate> stable =
          candidates.stream()
              .filter(each -> each.probability() >= policy.confidence)
              .filter(each -> same.get(each.position()) >= policy.passes)
              .toList();
      if (stable.isEmpty()) {
        Comparator<Candidate> surest = Comparator.comparingDouble(Candidate::probability);
        stable = candidates.stream().max(surest).stream().toList();
      }
      stable.forEach(each -> editor.commit(each.position(), each.token()));
    }

    private static double divergence(float[] p, float[] q) {
      double sum = 0;
      for (int token = 0; token < p.length; token++) {
        if (p[token] > 0) {
          sum += p[token] * Math.log(p[token] / Math.max(q[token], Float.MIN_NORMAL));
        }
      }
      return sum;
    }
  }
}
