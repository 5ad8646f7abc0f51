package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.TokenConstraint;
import dev.sparsed.models.internal.cache.NoCache;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What to generate, and how. Immutable; may be used for several generations.
 *
 * <p>Several prompts are one batch. They may differ in length: nothing is padded, and every prompt
 * gets the tokens that it gets alone.
 *
 * <p>Instead of a prompt a request may give a canvas: tokens with gaps between, before or after
 * them, which are filled in with what stands around them in view.
 */
public final class GenerationRequest {

  private final ImmutableList<Canvas> canvases;
  private final int generationLength;
  private final int steps;
  private final Optional<DecodingPolicy> decoding;
  private final AttentionPolicy attention;
  private final Sparsity sparsity;
  private final CachePolicy cache;
  private final long seed;
  private final boolean keepsPatterns;
  private final Optional<Set<Integer>> endOfText;
  private final ImmutableSet<Integer> forbidden;
  private final int minLength;
  private final ImmutableSet<Integer> laterEnds;
  private final Optional<TokenConstraint> constraint;

  private GenerationRequest(Builder builder) {
    ImmutableList<Function<Integer, Canvas>> sequences = builder.sequences.build();
    checkArgument(!sequences.isEmpty(), "a request needs at least one prompt or canvas");
    this.generationLength = builder.openLength.orElse(builder.generationLength);
    this.canvases =
        sequences.stream()
            .map(each -> each.apply(generationLength))
            .collect(ImmutableList.toImmutableList());
    this.steps = builder.steps;
    this.decoding = builder.decoding;
    this.sparsity = builder.sparsity;
    this.cache = builder.cache;
    this.attention =
        builder.attention.orElseGet(
            () -> cache instanceof NoCache ? AttentionPolicy.sparseD() : AttentionPolicy.full());
    this.seed = builder.seed;
    this.keepsPatterns = builder.keepsPatterns;
    this.endOfText = builder.endOfText;
    this.forbidden = builder.forbidden;
    this.minLength = builder.minLength;
    this.laterEnds = builder.laterEnds;
    this.constraint = builder.constraint;
    checkArgument(
        minLength <= generationLength,
        "minLength must be at most the %s tokens to generate but is %s",
        generationLength,
        minLength);
    decoding.ifPresent(policy -> policy.check(generationLength, steps));
  }

  /**
   * Starts a request: 128 tokens in 128 steps, the model's own decoding and end of text, and
   * without a cache SparseD's attention as published, with one full attention.
   *
   * @return a builder without prompts
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The prompts: of each sequence what comes before its first gap.
   *
   * @return token ids of each prompt, at least one prompt; unmodifiable
   */
  public List<List<Integer>> prompts() {
    return canvases.stream()
        .map(canvas -> canvas.given().subList(0, canvas.promptLength()))
        .toList();
  }

  /**
   * The sequences before anything is decided, those of prompts with one gap at the end.
   *
   * @return a canvas for each, at least one; unmodifiable
   */
  public List<Canvas> canvases() {
    return canvases;
  }

  /**
   * Tokens to generate after each prompt, or in all gaps of each canvas together.
   *
   * @return the count, at least 1
   */
  public int generationLength() {
    return generationLength;
  }

  /**
   * Denoising steps.
   *
   * @return the count, at least 1
   */
  public int steps() {
    return steps;
  }

  /**
   * How masked positions become tokens.
   *
   * @return the policy, or empty for the default of the model
   */
  public Optional<DecodingPolicy> decoding() {
    return decoding;
  }

  /**
   * What generations may be.
   *
   * @return the constraint, or empty for anything
   */
  public Optional<TokenConstraint> constraint() {
    return constraint;
  }

  /**
   * When and how to attend sparsely.
   *
   * @return the policy
   */
  public AttentionPolicy attention() {
    return attention;
  }

  /**
   * Who decides whether the sparse policy is followed.
   *
   * @return the mode
   */
  public Sparsity sparsity() {
    return sparsity;
  }

  /**
   * What is kept of keys and values between steps.
   *
   * @return the policy
   */
  public CachePolicy cache() {
    return cache;
  }

  /**
   * Where the random numbers start; equal seeds give equal generations on the same machine.
   *
   * @return the seed
   */
  public long seed() {
    return seed;
  }

  /**
   * Whether the result holds the patterns that the layers attended with.
   *
   * @return true if it does
   */
  public boolean keepsPatterns() {
    return keepsPatterns;
  }

  /**
   * The tokens at which a text ends.
   *
   * @return token ids, none if every position is generated whatever comes before it; empty for
   *     those of the model
   */
  public Optional<Set<Integer>> endOfText() {
    return endOfText;
  }

  /**
   * The tokens that are never written.
   *
   * @return token ids; empty if every token may be
   */
  public Set<Integer> forbidden() {
    return forbidden;
  }

  /**
   * How many tokens come before a text may end.
   *
   * @return the count, 0 if it may end at once
   */
  public int minLength() {
    return minLength;
  }

  /**
   * The tokens that do not come before {@link #minLength} others.
   *
   * @return token ids; none for those that end the text
   */
  public Set<Integer> laterEnds() {
    return laterEnds;
  }

  /**
   * Requires that a model can run this request, as {@link DiffusionModel#generate} does, but from
   * its configuration alone: weights need not be loaded to find out.
   *
   * @param config what the model's configuration says
   * @throws IllegalArgumentException if the request does not fit the model
   */
  public void requireFitFor(ModelConfig config) {
    decoding.ifPresent(policy -> CompositionRules.check(this, policy, config));
    CompositionRules.checkPrompts(this, config);
  }

  /**
   * The positions of the longest sequence, prompt and generation together.
   *
   * @return positions
   */
  public int longestSequence() {
    return canvases.stream().mapToInt(Canvas::length).max().orElse(0);
  }

  /**
   * Compares the longest sequence with the lengths that a model was trained for. A longer one is
   * computed as any other, but most models answer it poorly.
   *
   * @param config what the model's configuration says
   * @return what is worth telling the user; empty if the model was trained for such sequences
   */
  public Optional<String> lengthWarning(ModelConfig config) {
    return longestSequence() <= config.architecture().maxPositions()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "the sequence has %d positions, more than the %d that the model was trained for; the answer may be poor",
                longestSequence(),
                config.architecture().maxPositions()));
  }

  /**
   * Looks for masks among the given tokens. They are fed as they are and never filled in.
   *
   * @param config what the model's configuration says
   * @return what is worth telling the user; empty if there is none
   */
  public Optional<String> maskWarning(ModelConfig config) {
    for (int i = 0; i < canvases.size(); i++) {
      int at = canvases.get(i).given().indexOf(config.maskToken());
      if (at >= 0) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "token %d of prompt %d is the model's mask, which stays as it is: only gaps are"
                    + " filled in (Canvas.ofMasked makes gaps of masks)",
                at,
                i));
      }
    }
    return Optional.empty();
  }

  /** Collects a request. */
  public static final class Builder {

    /** Each makes a sequence for so many tokens to generate. */
    private final ImmutableList.Builder<Function<Integer, Canvas>> sequences =
        ImmutableList.builder();

    private int generationLength = 128;
    private Optional<Integer> openLength = Optional.empty();
    private int steps = 128;
    private Optional<DecodingPolicy> decoding = Optional.empty();
    private Optional<AttentionPolicy> attention = Optional.empty();
    private Sparsity sparsity = Sparsity.AUTO;
    private CachePolicy cache = CachePolicy.none();
    private long seed;
    private boolean keepsPatterns;
    private Optional<Set<Integer>> endOfText = Optional.empty();
    private ImmutableSet<Integer> forbidden = ImmutableSet.of();
    private int minLength;
    private ImmutableSet<Integer> laterEnds = ImmutableSet.of();
    private Optional<TokenConstraint> constraint = Optional.empty();

    private Builder() {}

    /**
     * Adds a prompt.
     *
     * @param tokens its token ids; copied
     * @return this builder
     */
    public Builder prompt(int... tokens) {
      int[] prompt = tokens.clone();
      sequences.add(length -> Canvas.of(prompt, length));
      return this;
    }

    /**
     * Adds prompts.
     *
     * @param prompts token ids of each; copied
     * @return this builder
     */
    public Builder prompts(Iterable<int[]> prompts) {
      prompts.forEach(this::prompt);
      return this;
    }

    /**
     * Adds a canvas. Its gaps say how many tokens are generated, whatever {@link #generationLength}
     * says; all canvases of a request have as many positions in their gaps, and prompts beside them
     * get as many tokens.
     *
     * <p>Blocks of a decoding run from gap to gap, whatever is given between them. A text that ends
     * early ends in its gap only: what is left of the gap gets the token that ends it.
     *
     * @param value what is given, and where the gaps are
     * @return this builder
     * @throws IllegalArgumentException if another canvas has more or fewer positions in its gaps
     */
    public Builder canvas(Canvas value) {
      int open = value.openLength();
      checkArgument(
          openLength.orElse(open) == open,
          "a canvas has %s positions to fill in, but another of the same request has %s: give it a"
              + " request of its own, on another thread, which shares forward passes all the same",
          open,
          openLength.orElse(open));
      this.openLength = Optional.of(open);
      sequences.add(length -> value);
      return this;
    }

    /**
     * Sets how many tokens to generate after each prompt.
     *
     * @param tokens 1 to 4,194,304
     * @return this builder
     * @throws IllegalArgumentException if it is another number
     */
    public Builder generationLength(int tokens) {
      CompositionRules.checkLength(tokens);
      this.generationLength = tokens;
      return this;
    }

    /**
     * Sets the number of denoising steps.
     *
     * @param steps at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder steps(int steps) {
      checkArgument(steps >= 1, "steps must be at least 1 but is %s", steps);
      this.steps = steps;
      return this;
    }

    /**
     * Sets how masked positions become tokens.
     *
     * @param policy instead of the model's default
     * @return this builder
     */
    public Builder decoding(DecodingPolicy policy) {
      this.decoding = Optional.of(policy);
      return this;
    }

    /**
     * Sets when and how to attend sparsely.
     *
     * @param policy such as {@link AttentionPolicy#sparseD}
     * @return this builder
     */
    public Builder attention(AttentionPolicy policy) {
      this.attention = Optional.of(policy);
      return this;
    }

    /**
     * Sets who decides whether the sparse policy is followed.
     *
     * @param sparsity the mode
     * @return this builder
     */
    public Builder sparsity(Sparsity sparsity) {
      this.sparsity = sparsity;
      return this;
    }

    /**
     * Sets what is kept of keys and values between steps.
     *
     * @param policy the policy
     * @return this builder
     */
    public Builder cache(CachePolicy policy) {
      this.cache = policy;
      return this;
    }

    /**
     * Sets where the random numbers start.
     *
     * @param seed any number
     * @return this builder
     */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Lets the result hold the patterns that the layers attended with, also where a sequence is
     * complete before its schedule builds them, if a step is left then that feeds the whole
     * sequence: parallel decoding has none, and with a cache most feed a part.
     *
     * @return this builder
     */
    public Builder keepPatterns() {
      this.keepsPatterns = true;
      return this;
    }

    /**
     * Ends each sequence, or each gap of a canvas, at its end of text: once every position before
     * the first such token is decided, what is still masked after it gets the same token, and the
     * steps that are left run no forward pass, unless patterns are to be kept and there are none
     * yet. The tokens up to this one are those of a generation that does not stop.
     *
     * @param tokens token ids instead of {@link DiffusionModel#endTokens}; none to generate every
     *     position, as published code does
     * @return this builder
     */
    public Builder stopAt(int... tokens) {
      this.endOfText = Optional.of(ImmutableSet.copyOf(Ints.asList(tokens)));
      return this;
    }

    /**
     * Keeps tokens from being written, whatever the model predicts: the next likely ones are
     * instead. With the model's mask token among them no position stays open.
     *
     * @param tokens token ids, none to allow all
     * @return this builder
     */
    public Builder forbid(int... tokens) {
      this.forbidden = ImmutableSet.copyOf(Ints.asList(tokens));
      return this;
    }

    /**
     * Keeps texts from ending early: tokens that end a text are not written among the first ones of
     * the generation, or of each gap.
     *
     * @param tokens how many tokens come before any of these, 0 to the generation's length
     * @param ends tokens that end a text; if there are none, those of {@link #stopAt}, and without
     *     them {@link DiffusionModel#endTokens}
     * @return this builder
     * @throws IllegalArgumentException if the length is negative
     */
    public Builder minLength(int tokens, int... ends) {
      checkArgument(tokens >= 0, "minLength must not be negative but is %s", tokens);
      this.minLength = tokens;
      this.laterEnds = ImmutableSet.copyOf(Ints.asList(ends));
      return this;
    }

    /**
     * Requires generations of some form, in each gap by itself. Of tokens that a step would write
     * together and that are not allowed together, a decoding that has a schedule (LLaDA's, Dream's)
     * chooses the later ones anew by what is allowed then, and others leave them to later steps.
     *
     * @param value what they may be
     * @return this builder
     */
    public Builder constraint(TokenConstraint value) {
      this.constraint = Optional.of(value);
      return this;
    }

    /**
     * Builds the request.
     *
     * @return the request
     * @throws IllegalArgumentException if there is no prompt, or steps and length do not fit the
     *     decoding policy
     */
    public GenerationRequest build() {
      return new GenerationRequest(this);
    }
  }
}
