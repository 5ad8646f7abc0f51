package dev.sparsed.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.sparsed.models.method.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** LangChain4j's parameters of a request, and those that only diffusion models have. */
public final class DiffusionChatRequestParameters extends DefaultChatRequestParameters {

  private final @Nullable Method method;
  private final @Nullable Integer steps;
  private final @Nullable Long seed;

  private DiffusionChatRequestParameters(Builder builder) {
    super(builder);
    this.method = builder.method;
    this.steps = builder.steps;
    this.seed = builder.seed;
  }

  /**
   * How to generate.
   *
   * @return the method; null for the chat model's
   */
  public @Nullable Method method() {
    return method;
  }

  /**
   * Denoising steps.
   *
   * @return the count; null for what is usual with the method
   */
  public @Nullable Integer steps() {
    return steps;
  }

  /**
   * Where the random numbers start.
   *
   * @return the seed; null for 0
   */
  public @Nullable Long seed() {
    return seed;
  }

  @Override
  public DiffusionChatRequestParameters overrideWith(ChatRequestParameters that) {
    return builder().overrideWith(this).overrideWith(that).build();
  }

  @Override
  public DiffusionChatRequestParameters defaultedBy(ChatRequestParameters that) {
    return builder().overrideWith(that).overrideWith(this).build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof DiffusionChatRequestParameters that
        && Objects.equals(method, that.method)
        && Objects.equals(steps, that.steps)
        && Objects.equals(seed, that.seed);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), method, steps, seed);
  }

  @Override
  public String toString() {
    return super.toString()
        + " { method = "
        + method
        + ", steps = "
        + steps
        + ", seed = "
        + seed
        + " }";
  }

  /**
   * Starts parameters.
   *
   * @return a builder without any
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects parameters. */
  public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

    private @Nullable Method method;
    private @Nullable Integer steps;
    private @Nullable Long seed;

    private Builder() {}

    @Override
    public Builder overrideWith(ChatRequestParameters parameters) {
      super.overrideWith(parameters);
      if (parameters instanceof DiffusionChatRequestParameters diffusion) {
        method = diffusion.method == null ? method : diffusion.method;
        steps = diffusion.steps == null ? steps : diffusion.steps;
        seed = diffusion.seed == null ? seed : diffusion.seed;
      }
      return this;
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
     * Sets the number of denoising steps.
     *
     * @param value at least 1, a multiple of the number of blocks
     * @return this builder
     */
    public Builder steps(int value) {
      this.steps = value;
      return this;
    }

    /**
     * Sets where the random numbers start; equal seeds give equal answers on the same machine.
     *
     * @param value any number
     * @return this builder
     */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    @Override
    public DiffusionChatRequestParameters build() {
      return new DiffusionChatRequestParameters(this);
    }
  }
}
