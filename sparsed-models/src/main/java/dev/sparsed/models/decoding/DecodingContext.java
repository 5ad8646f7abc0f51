package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableSortedSet;
import com.google.common.primitives.Longs;
import dev.sparsed.models.internal.torch.HostArrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** What a decoder is made from: one sequence of one generation. */
public final class DecodingContext {

  private final DecodingPolicy policy;
  private final MaskedSequence sequence;
  private final TokenRules rules;
  private final int steps;
  private final Noise noise;
  private final SequenceEditor editor;
  private final Optional<Constrained> constraint;

  /**
   * The context of a sequence.
   *
   * @param policy how to decode
   * @param sequence the sequence
   * @param rules tokens that must not be written
   * @param steps denoising steps that are asked for
   * @param noise the sequence's random numbers
   * @param vocabulary number of token ids, the mask's included
   * @param constraint what the sequence may be; empty for anything
   * @throws IllegalArgumentException if no sequence of that length can be that
   */
  public DecodingContext(
      DecodingPolicy policy,
      MaskedSequence sequence,
      TokenRules rules,
      int steps,
      Noise noise,
      int vocabulary,
      Optional<TokenConstraint> constraint) {
    this.policy = policy;
    this.sequence = sequence;
    this.rules = rules;
    this.steps = steps;
    this.noise = noise;
    this.constraint = constraint.map(each -> Constrained.of(each, sequence, vocabulary));
    this.editor = new SequenceEditor(policy, sequence, rules, vocabulary, this.constraint);
  }

  /**
   * Makes the decoder.
   *
   * @return the decoder
   * @throws IllegalArgumentException if length and steps do not fit the policy
   * @throws IllegalStateException if the policy has no decoder
   */
  public Decoder decoder() {
    policy.check(sequence.generationLength(), steps);
    Decoder decoder = policy.decoder(this);
    checkState(decoder != null, "decoding policy %s has no decoder", policy);
    return decoder;
  }

  /**
   * The sequence, to look at.
   *
   * @return always the same
   */
  public MaskedSequence sequence() {
    return sequence;
  }

  /**
   * Writes to the sequence.
   *
   * @return always the same
   */
  public SequenceEditor editor() {
    return editor;
  }

  /**
   * Denoising steps that are asked for.
   *
   * @return the steps, at least 1
   */
  public int steps() {
    return steps;
  }

  /**
   * The sequence's random numbers, which depend on nothing but seed, step and position.
   *
   * @return always the same
   */
  public Noise noise() {
    return noise;
  }

  /** What the sequence may be. */
  Optional<Constrained> constraint() {
    return constraint;
  }

  /** Tokens that must not be written. */
  TokenRules rules() {
    return rules;
  }

  /**
   * Which tokens a generation must not write, whatever the model predicts.
   *
   * @param forbidden tokens that are written nowhere
   * @param ends tokens that end a text
   * @param minLength tokens of each gap that come before any of {@code ends}
   */
  public record TokenRules(Set<Integer> forbidden, Set<Integer> ends, int minLength) {

    /** Every token may be written everywhere. */
    public static final TokenRules NONE = new TokenRules(Set.of(), Set.of(), 0);

    /**
     * Checks the length and copies the tokens.
     *
     * @throws IllegalArgumentException if the length is negative
     */
    public TokenRules {
      checkArgument(minLength >= 0, "minLength must not be negative but is %s", minLength);
      forbidden = ImmutableSortedSet.copyOf(forbidden);
      ends = ImmutableSortedSet.copyOf(ends);
    }

    /**
     * The same with another token that is written nowhere.
     *
     * @param token its id
     * @return the changed rules
     */
    TokenRules alsoForbidding(int token) {
      return new TokenRules(
          ImmutableSortedSet.<Integer>naturalOrder().addAll(forbidden).add(token).build(),
          ends,
          minLength);
    }

    /** Whether a token must not be written at an index of a gap. */
    boolean forbids(int index, int token) {
      return forbidden.contains(token) || (index < minLength && ends.contains(token));
    }

    /**
     * Takes the forbidden tokens' chances away, in place.
     *
     * @param logits float32 [rows, vocabulary]
     * @param indices index in its gap of the token that each row decides
     */
    void apply(Tensor logits, int[] indices) {
      remove(logits, forbidden);
      for (int from = 0; from < indices.length; ) {
        boolean early = indices[from] < minLength;
        int to = from + 1;
        while (to < indices.length && indices[to] < minLength == early) {
          to++;
        }
        if (early) {
          remove(logits.narrow(0, from, (long) to - from), ends);
        }
        from = to;
      }
    }

    private static void remove(Tensor logits, Collection<Integer> tokens) {
      if (tokens.isEmpty()) {
        return;
      }
      try (Device device = logits.device()) {
        logits.index_fill_(
            1,
            HostArrays.toTensor(Longs.toArray(tokens), device),
            new Scalar(Double.NEGATIVE_INFINITY));
      }
    }
  }
}
