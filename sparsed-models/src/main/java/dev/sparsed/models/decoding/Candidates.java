package dev.sparsed.models.decoding;

import dev.sparsed.models.internal.torch.HostArrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** For every position that is read, the token it would get, and how sure of it a sampler is. */
public final class Candidates {

  private final int[] tokens;
  private final double[] confidences;

  private int rows;

  /** None yet, of so many. */
  Candidates(int rows) {
    this.tokens = new int[rows];
    this.confidences = new double[rows];
  }

  /** Chooses the candidates of the next rows [rows, vocabulary]. */
  void add(TokenSampler sampler, Tensor logits, Reading reading) {
    TokenSampler.Choice choice = sampler.choose(logits, reading.step(), reading.positions());
    double[] chosen = HostArrays.toDoubles(choice.confidences());
    reading.requireNumbers(chosen);
    int[] ids = HostArrays.toInts(choice.tokens());
    reading.guess(ids, HostArrays.toDoubles(choice.chances()));
    System.arraycopy(ids, 0, tokens, rows, ids.length);
    System.arraycopy(chosen, 0, confidences, rows, ids.length);
    rows += ids.length;
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
