package dev.sparsed.models.decoding;

import static com.google.common.base.Preconditions.checkState;

import java.util.Optional;

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
}
