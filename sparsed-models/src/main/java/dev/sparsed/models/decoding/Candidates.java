package dev.sparsed.models.decoding;

import dev.sparsed.models.torch.HostArrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * For every position that is read, the token it would get and how sure of it the model is. The one
 * place where logits are read, and so the one where they are found to be numbers.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class Candidates {

  private static final long[] LAST = {-1};

  private final int[] tokens;
  private final double[] confidences;

  private Candidates(int rows) {
    this.tokens = new int[rows];
    this.confidences = new double[rows];
  }

  /**
   * Chooses a candidate for every row, a bounded number of rows at a time.
   *
   * @param source logits of the positions, changed by the rules
   * @param sampler chooses
   * @param rules tokens that cannot be chosen
   * @param sequence the sequence
   * @param step number of the step
   * @param positions the position in the sequence that each row decides, ascending
   * @return the candidates
   * @throws NotNumbersException if logits are none
   */
  public static Candidates choose(
      LogitSource source,
      TokenSampler sampler,
      TokenRules rules,
      MaskedSequence sequence,
      int step,
      int[] positions) {
    return choose(source, sampler, rules, new Reading(sequence, step, positions));
  }

  static Candidates choose(
      LogitSource source, TokenSampler sampler, TokenRules rules, Reading reading) {
    Candidates all = new Candidates(source.rows());
    int most = LogitSource.rowsAtATime(source.vocabulary());
    for (int from = 0; from < source.rows(); from += most) {
      int to = Math.min(source.rows(), from + most);
      Reading part = reading.rows(from, to);
      try (PointerScope scope = new PointerScope()) {
        Tensor logits = source.logits(from, to);
        // Both are NaN where any logit of the row is.
        part.requireNumbers(HostArrays.toDoubles(logits.amax(LAST, false)));
        part.requireNumbers(HostArrays.toDoubles(logits.amin(LAST, false)));
        rules.apply(logits, part.indices());
        TokenSampler.Choice choice = sampler.choose(logits, part.step(), part.positions());
        double[] confidences = HostArrays.toDoubles(choice.confidences());
        part.requireNumbers(confidences);
        int[] tokens = HostArrays.toInts(choice.tokens());
        part.guess(tokens, HostArrays.toDoubles(choice.chances()));
        System.arraycopy(tokens, 0, all.tokens, from, to - from);
        System.arraycopy(confidences, 0, all.confidences, from, to - from);
      }
    }
    return all;
  }

  /**
   * A row's candidate.
   *
   * @param row the row
   * @return the token it would become
   */
  public int token(int row) {
    return tokens[row];
  }

  /**
   * How sure the model is of a candidate.
   *
   * @param row the row
   * @return what the sampler said
   */
  public double confidence(int row) {
    return confidences[row];
  }

  /**
   * How many rows there are.
   *
   * @return one per position
   */
  public int rows() {
    return tokens.length;
  }

  /**
   * Rows of the largest confidences, descending; of equal ones those of lower index first.
   *
   * @param count how many
   * @return the rows, fewer where there are no more
   */
  public int[] mostConfident(int count) {
    return IntStream.range(0, tokens.length)
        .boxed()
        .sorted(Comparator.comparing(this::confidence, Comparator.reverseOrder()))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
