package dev.sparsed.eval;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.models.method.Method;
import java.util.OptionalInt;

/**
 * How tasks are asked.
 *
 * @param use the method and how it is used
 * @param chatTemplate whether plain prompts are rendered with the model's chat template
 * @param generationLength tokens to generate where a task does not say, at least 1
 * @param steps denoising steps, at least 1; empty for the method's usual ones
 * @param batch tasks answered together, at least 1
 * @param seed the seed of random choices
 */
public record AccuracySettings(
    MethodUse use,
    boolean chatTemplate,
    int generationLength,
    OptionalInt steps,
    int batch,
    long seed) {

  /** Tokens to generate where neither a task nor its asker says. */
  public static final int DEFAULT_LENGTH = 128;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public AccuracySettings {
    checkArgument(
        generationLength >= 1, "generationLength must be at least 1 but is %s", generationLength);
    checkArgument(steps.orElse(1) >= 1, "steps must be at least 1 but is %s", steps.orElse(1));
    checkArgument(batch >= 1, "batch must be at least 1 but is %s", batch);
  }

  /**
   * A method as it is usually asked: one task after the other, without a chat template, for {@link
   * #DEFAULT_LENGTH} tokens in the method's usual steps.
   *
   * @param method the method
   * @return the settings
   */
  public static AccuracySettings of(Method method) {
    return new AccuracySettings(
        MethodUse.of(method), false, DEFAULT_LENGTH, OptionalInt.empty(), 1, 0);
  }

  /**
   * The same with another use of a method.
   *
   * @param value the method and how it is used
   * @return the changed settings
   */
  public AccuracySettings withUse(MethodUse value) {
    return new AccuracySettings(value, chatTemplate, generationLength, steps, batch, seed);
  }

  /**
   * The same with or without the chat template for plain prompts.
   *
   * @param value whether they are rendered with it
   * @return the changed settings
   */
  public AccuracySettings withChatTemplate(boolean value) {
    return new AccuracySettings(use, value, generationLength, steps, batch, seed);
  }

  /**
   * The same with another length.
   *
   * @param value tokens to generate where a task does not say, at least 1
   * @return the changed settings
   * @throws IllegalArgumentException if it is below 1
   */
  public AccuracySettings withGenerationLength(int value) {
    return new AccuracySettings(use, chatTemplate, value, steps, batch, seed);
  }

  /**
   * The same with a number of steps.
   *
   * @param value denoising steps, at least 1
   * @return the changed settings
   * @throws IllegalArgumentException if it is below 1
   */
  public AccuracySettings withSteps(int value) {
    return new AccuracySettings(
        use, chatTemplate, generationLength, OptionalInt.of(value), batch, seed);
  }

  /**
   * The same with another seed.
   *
   * @param value the seed of random choices
   * @return the changed settings
   */
  public AccuracySettings withSeed(long value) {
    return new AccuracySettings(use, chatTemplate, generationLength, steps, batch, value);
  }

  EvalModel.Question question() {
    return new EvalModel.Question(use, chatTemplate, steps);
  }
}
