package dev.sparsed.models.answer;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import dev.sparsed.text.ChatMessage;
import java.util.List;
import java.util.OptionalInt;

/** What to answer, and how. Immutable; may be used for several answers. */
public final class AnswerRequest {

  /** Tokens of an answer unless a request says otherwise. */
  public static final int DEFAULT_MAX_TOKENS = 128;

  private final AnswerPrompt prompt;
  private final Method method;
  private final Sampling sampling;
  private final Sparsity sparsity;
  private final int maxTokens;
  private final int minTokens;
  private final OptionalInt steps;
  private final long seed;
  private final List<String> stopSequences;
  private final boolean keepsPatterns;

  private AnswerRequest(Builder builder) {
    this.prompt = builder.prompt;
    this.method = builder.method;
    this.sampling = builder.sampling;
    this.sparsity = builder.sparsity;
    this.maxTokens = builder.maxTokens;
    this.minTokens = builder.minTokens;
    checkArgument(
        minTokens <= maxTokens,
        "minTokens must be at most maxTokens, %s, but is %s",
        maxTokens,
        minTokens);
    this.steps = builder.steps;
    this.seed = builder.seed;
    this.stopSequences = builder.stopSequences;
    this.keepsPatterns = builder.keepsPatterns;
  }

  /**
   * Starts a request for the answer to a conversation's last message.
   *
   * @param messages the messages so far; one alone by the user needs no chat template
   * @return a builder with the defaults: 128 tokens, one decided in each step, SparseD where it
   *     pays off
   * @throws IllegalArgumentException if there is no message
   */
  public static Builder conversation(List<ChatMessage> messages) {
    return new Builder(new AnswerPrompt.Conversation(messages));
  }

  /**
   * Starts a request for the continuation of a text, without a chat template.
   *
   * @param text the text
   * @return a builder with the defaults of {@link #conversation}
   */
  public static Builder continuation(String text) {
    return new Builder(new AnswerPrompt.Text(text));
  }

  AnswerPrompt prompt() {
    return prompt;
  }

  /**
   * How to generate.
   *
   * @return the method
   */
  public Method method() {
    return method;
  }

  /**
   * How tokens are chosen.
   *
   * @return the sampling
   */
  public Sampling sampling() {
    return sampling;
  }

  Sparsity sparsity() {
    return sparsity;
  }

  /**
   * The most tokens that an answer has.
   *
   * @return the count, at least 1
   */
  public int maxTokens() {
    return maxTokens;
  }

  int minTokens() {
    return minTokens;
  }

  OptionalInt steps() {
    return steps;
  }

  long seed() {
    return seed;
  }

  List<String> stopSequences() {
    return stopSequences;
  }

  boolean keepsPatterns() {
    return keepsPatterns;
  }

  /** Collects a request. */
  public static final class Builder {

    private final AnswerPrompt prompt;
    private Method method = Method.SPARSED;
    private Sampling sampling = Sampling.PUBLISHED;
    private Sparsity sparsity = Sparsity.AUTO;
    private int maxTokens = DEFAULT_MAX_TOKENS;
    private int minTokens;
    private OptionalInt steps = OptionalInt.empty();
    private long seed;
    private List<String> stopSequences = List.of();
    private boolean keepsPatterns;

    private Builder(AnswerPrompt prompt) {
      this.prompt = prompt;
    }

    /**
     * Sets how to generate.
     *
     * @param value such as {@code Method.parse("sparsed+dual-cache")}
     * @return this builder
     */
    public Builder method(Method value) {
      this.method = value;
      return this;
    }

    /**
     * Sets how tokens are chosen.
     *
     * @param value instead of what the family's published code does
     * @return this builder
     */
    public Builder sampling(Sampling value) {
      this.sampling = value;
      return this;
    }

    /**
     * Sets who decides whether the method's sparse attention is followed.
     *
     * @param value the mode
     * @return this builder
     */
    public Builder sparsity(Sparsity value) {
      this.sparsity = value;
      return this;
    }

    /**
     * Sets the most tokens that the answer has. Where the method decodes in blocks the model is
     * given whole blocks, and the answer is cut.
     *
     * @param value at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maxTokens(int value) {
      checkArgument(value >= 1, "maxTokens must be at least 1 but is %s", value);
      this.maxTokens = value;
      return this;
    }

    /**
     * Sets how many tokens come before the answer may end.
     *
     * @param value at least 0, at most the most tokens
     * @return this builder
     * @throws IllegalArgumentException if it is negative; if it is more than the most tokens, when
     *     the request is built
     */
    public Builder minTokens(int value) {
      checkArgument(value >= 0, "minTokens must not be negative but is %s", value);
      this.minTokens = value;
      return this;
    }

    /**
     * Sets the number of denoising steps.
     *
     * @param value at least 1, a multiple of the number of blocks; otherwise one step per token, or
     *     what the method's parallel decoding publishes
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder steps(int value) {
      checkArgument(value >= 1, "steps must be at least 1 but is %s", value);
      this.steps = OptionalInt.of(value);
      return this;
    }

    /**
     * Sets where the random numbers start.
     *
     * @param value any number; 0 unless it is set
     * @return this builder
     */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /**
     * Sets texts before which the answer ends.
     *
     * @param values none of them empty
     * @return this builder
     * @throws IllegalArgumentException if one is empty
     */
    public Builder stopSequences(List<String> values) {
      checkArgument(values.stream().noneMatch(String::isEmpty), "a stop sequence is empty");
      this.stopSequences = ImmutableList.copyOf(values);
      return this;
    }

    /**
     * Lets the answer's generation hold the patterns that the layers attended with; it is then not
     * cut short before there are any.
     *
     * @return this builder
     */
    public Builder keepPatterns() {
      this.keepsPatterns = true;
      return this;
    }

    /**
     * Builds the request.
     *
     * @return the request
     * @throws IllegalArgumentException if the answer would need more tokens than it may have
     */
    public AnswerRequest build() {
      return new AnswerRequest(this);
    }
  }
}
