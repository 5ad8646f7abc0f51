package dev.sparsed.models.decoding;

import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What the model predicts at the positions that a step reads. Tokens that must not be written have
 * no chance. Valid during {@link Decoder#commit}; computed when asked for, so that each call may
 * cost a product with the language-model head.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class Predictions {

  private static final long[] LAST = {-1};

  /** Where the logarithm of a probability stops to matter. */
  private static final double SMALLEST = 1e-30;

  private final LogitSource source;
  private final DecodingContext.TokenRules rules;
  private final Optional<Constrained> constraint;
  private final MaskedSequence sequence;
  private final Noise noise;
  private final DecodingStep step;
  private final Positions positions;

  /** The ones that this is the same as but for forbidden tokens. */
  private final @Nullable Predictions original;

  private StepContext.Confidences confidences = StepContext.Confidences.NONE;

  /** Logits of all rows, where these are few. */
  private @Nullable Tensor few;

  /**
   * What a step reads.
   *
   * @param source logits of the positions
   * @param context the sequence's
   * @param step the step
   * @param positions positions in the sequence, in the order of the rows
   */
  public Predictions(
      LogitSource source, DecodingContext context, DecodingStep step, Positions positions) {
    this(
        source,
        context.rules(),
        context.constraint(),
        context.sequence(),
        context.noise(),
        step,
        positions,
        null);
  }

  private Predictions(
      LogitSource source,
      DecodingContext.TokenRules rules,
      Optional<Constrained> constraint,
      MaskedSequence sequence,
      Noise noise,
      DecodingStep step,
      Positions positions,
      @Nullable Predictions original) {
    this.source = source;
    this.rules = rules;
    this.constraint = constraint;
    this.sequence = sequence;
    this.noise = noise;
    this.step = step;
    this.positions = positions;
    this.original = original;
  }

  /**
   * The same without a chance for another token.
   *
   * @param token its id
   * @return other predictions of the same step
   */
  public Predictions forbidding(int token) {
    return new Predictions(
        source, rules.alsoForbidding(token), constraint, sequence, noise, step, positions, this);
  }

  /** The same of some rows, with what the constraint allows of them as the sequence stands now. */
  Predictions of(int... rows) {
    Positions some = Positions.of(Arrays.stream(rows).sorted().toArray());
    return new Predictions(
        new SomeRows(source, some),
        rules,
        constraint,
        sequence,
        noise,
        step,
        Positions.of(some.stream().map(positions::at).toArray()),
        null);
  }

  /** Logits of some rows of others, by their indices. */
  private record SomeRows(LogitSource source, Positions indices) implements LogitSource {

    @Override
    public int rows() {
      return indices.size();
    }

    @Override
    public int vocabulary() {
      return source.vocabulary();
    }

    @Override
    public Tensor logits(int from, int to) {
      // One product for rows that lie side by side: each reads all of the head.
      List<Tensor> runs = new ArrayList<>();
      for (int first = from; first < to; ) {
        int end = first + 1;
        while (end < to && indices.at(end) == indices.at(end - 1) + 1) {
          end++;
        }
        runs.add(source.logits(indices.at(first), indices.at(end - 1) + 1));
        first = end;
      }
      return torch.cat(new TensorVector(runs.toArray(Tensor[]::new)), 0);
    }
  }

  /**
   * The step.
   *
   * @return the step
   */
  public DecodingStep step() {
    return step;
  }

  /**
   * The positions that are read; each has a row of predictions, in this order.
   *
   * @return the positions
   */
  public Positions positions() {
    return positions;
  }

  /**
   * Number of token ids.
   *
   * @return the length of a row
   */
  public int vocabulary() {
    return source.vocabulary();
  }

  /**
   * The likeliest token of every position.
   *
   * @return a candidate for each, in their order
   * @throws NotNumbersException if logits are none
   */
  public List<Candidate> likeliest() {
    return sampled(0);
  }

  /**
   * A random token of every position, drawn by the sequence's own random numbers.
   *
   * @param temperature 0 for the likeliest token
   * @return a candidate for each, in their order
   * @throws NotNumbersException if logits are none
   */
  public List<Candidate> sampled(double temperature) {
    List<Candidate> candidates = new ArrayList<>(positions.size());
    forChunks((logits, reading) -> candidates.addAll(candidates(logits, reading, temperature)));
    remember(candidates.stream().mapToDouble(Candidate::probability).toArray());
    return candidates;
  }

  private List<Candidate> candidates(Tensor logits, Reading reading, double temperature) {
    Tensor probabilities = torch.softmax(logits, -1);
    Tensor tokens = drawn(logits, reading, temperature);
    Tensor chances = probabilities.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
    T_TensorTensor_T top = probabilities.topk(Math.min(2, source.vocabulary()));
    Tensor margins = top.get0().select(-1, 0).sub(top.get0().select(-1, -1));
    Tensor entropies =
        probabilities
            .clamp_min(new Scalar(SMALLEST))
            .log_()
            .mul_(probabilities)
            .sum(LAST, false, new ScalarTypeOptional())
            .neg_();
    int[] ids = HostArrays.toInts(tokens);
    double[] probability = HostArrays.toDoubles(chances);
    double[] margin = HostArrays.toDoubles(margins);
    double[] entropy = HostArrays.toDoubles(entropies);
    reading.guess(ids, probability);
    List<Candidate> candidates = new ArrayList<>(ids.length);
    for (int row = 0; row < ids.length; row++) {
      candidates.add(
          new Candidate(
              reading.positions()[row], ids[row], probability[row], margin[row], entropy[row]));
    }
    return candidates;
  }

  private Tensor drawn(Tensor logits, Reading reading, double temperature) {
    if (temperature == 0) {
      return logits.argmax(new LongOptional(-1), false);
    }
    try (Device device = logits.device()) {
      return noise
          .gumbels(reading.step(), reading.positions(), source.vocabulary(), device)
          .mul_(new Scalar(temperature))
          .add_(logits)
          .argmax(new LongOptional(-1), false);
    }
  }

  /**
   * How likely given tokens are.
   *
   * @param tokens a token for each position, in their order
   * @return the probability of each
   * @throws IllegalArgumentException if there are not as many tokens as positions
   * @throws NotNumbersException if logits are none
   */
  public double[] probabilitiesOf(int... tokens) {
    if (tokens.length != positions.size()) {
      throw new IllegalArgumentException(
          tokens.length + " tokens do not go with " + positions.size() + " positions");
    }
    List<Double> chances = new ArrayList<>();
    forChunks(
        (logits, reading) -> {
          long[] part =
              Arrays.stream(tokens, chances.size(), chances.size() + (int) logits.size(0))
                  .asLongStream()
                  .toArray();
          try (Device device = logits.device()) {
            Tensor index = HostArrays.toTensor(part, device).unsqueeze(-1);
            for (double chance :
                HostArrays.toDoubles(torch.softmax(logits, -1).gather(-1, index))) {
              chances.add(chance);
            }
          }
        });
    return chances.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The probabilities of all tokens at one position.
   *
   * @param row index of the position
   * @return a new array [vocabulary], which adds up to 1
   * @throws NotNumbersException if logits are none
   */
  public float[] probabilities(int row) {
    float[][] result = new float[1][];
    forRows(
        row,
        row + 1,
        (logits, reading) -> result[0] = HostArrays.toFloats(torch.softmax(logits, -1)));
    return result[0];
  }

  /**
   * The logits of one position; those of tokens that must not be written are negative infinity.
   *
   * @param row index of the position
   * @return a new array [vocabulary]
   * @throws NotNumbersException if logits are none
   */
  public float[] logits(int row) {
    float[][] result = new float[1][];
    forRows(row, row + 1, (logits, reading) -> result[0] = HostArrays.toFloats(logits));
    return result[0];
  }

  /**
   * Chooses a candidate for every position by a sampler that computes on tensors.
   *
   * @param sampler chooses
   * @return the candidates
   * @throws NotNumbersException if logits or confidences are none
   */
  public Candidates choose(TokenSampler sampler) {
    Candidates all = new Candidates(positions.size());
    forChunks((logits, reading) -> all.add(sampler, logits, reading));
    remember(IntStream.range(0, all.rows()).mapToDouble(all::confidence).toArray());
    return all;
  }

  private void remember(double[] values) {
    confidences = StepContext.Confidences.of(positions.toArray(), values);
    if (original != null) {
      original.confidences = confidences;
    }
  }

  /**
   * How sure the model was of the candidates that were chosen last.
   *
   * @return the sampler's confidences, or the probabilities of {@link #sampled} candidates; none
   *     where no candidates were asked for
   */
  public StepContext.Confidences confidences() {
    return confidences;
  }

  private void forChunks(BiConsumer<Tensor, Reading> use) {
    int most = LogitSource.rowsAtATime(source.vocabulary());
    for (int from = 0; from < positions.size(); from += most) {
      forRows(from, Math.min(positions.size(), from + most), use);
    }
  }

  private void forRows(int from, int to, BiConsumer<Tensor, Reading> use) {
    if (positions.size() <= LogitSource.rowsAtATime(source.vocabulary())) {
      Tensor all = few;
      if (all == null) {
        all = checked(0, positions.size());
        few = all;
      }
      Tensor kept = all;
      try (PointerScope scope = new PointerScope()) {
        use.accept(kept.narrow(0, from, (long) to - from), reading(from, to));
      }
    } else {
      try (PointerScope scope = new PointerScope()) {
        use.accept(checked(from, to), reading(from, to));
      }
    }
  }

  private Reading reading(int from, int to) {
    return new Reading(sequence, step.number(), positions.slice(from, to).toArray());
  }

  /** Logits of some rows that are numbers, after the rules. */
  private Tensor checked(int from, int to) {
    Reading reading = reading(from, to);
    Tensor logits = source.logits(from, to);
    try (PointerScope scope = new PointerScope()) {
      // Both are NaN where any logit of the row is.
      reading.requireNumbers(HostArrays.toDoubles(logits.amax(LAST, false)));
      reading.requireNumbers(HostArrays.toDoubles(logits.amin(LAST, false)));
      rules.apply(logits, reading.indices());
      constraint.ifPresent(
          each -> {
            each.apply(logits, reading.positions());
            each.requireChoice(HostArrays.toDoubles(logits.amax(LAST, false)), reading.positions());
          });
    }
    return logits;
  }

  /**
   * A model computed what is no number (not-a-number or infinite), so that no token can be chosen
   * by it. The message says where, and what may help.
   */
  public static final class NotNumbersException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    /**
     * Says where it was found.
     *
     * @param what what is not numbers, such as "the logits of position 17"
     * @param sequence index of the sequence in its request
     * @param step the step, from 0
     */
    public NotNumbersException(String what, int sequence, int step) {
      super(
          what
              + " of sequence "
              + sequence
              + " are not numbers in step "
              + step
              + ": either the model's own, because its dtype cannot hold its values or its weights"
              + " are damaged, then bfloat16 or float32 instead of float16 may help; or what float32"
              + " cannot hold after division by a temperature too near 0 or multiplication by too"
              + " large a guidance");
    }
  }

  /** Logits of the positions that a decoder reads in one step, computed a few rows at a time. */
  public interface LogitSource {

    /**
     * How many rows' logits to hold at a time: 64 MiB of float32, about a hundred positions of a
     * large vocabulary, enough to read the head's weights efficiently.
     *
     * @param vocabulary the length of a row, at least 1
     * @return at least 1
     */
    static int rowsAtATime(int vocabulary) {
      return Math.max(1, (1 << 24) / vocabulary);
    }

    /**
     * Number of positions.
     *
     * @return the rows there are
     */
    int rows();

    /**
     * Number of logits per position.
     *
     * @return the length of a row
     */
    int vocabulary();

    /**
     * Logits of some of the positions.
     *
     * @param from first row, inclusive
     * @param to last row, exclusive
     * @return float32 logits [to - from, vocabulary], attached to the scope around the call
     */
    Tensor logits(int from, int to);
  }
}
