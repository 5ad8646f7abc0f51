package dev.sparsed.models.method;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How tokens are chosen. What is empty is what the family's published code does.
 *
 * @param algorithm which tokens a step commits, by the name that the family's published code gives
 *     it, such as {@code entropy} or {@code low_confidence}
 * @param temperature randomness of the tokens, 0 for the most likely
 * @param topP choose among the likeliest tokens of this probability
 * @param topK choose among this many likeliest tokens
 * @param algorithmTemperature randomness of which tokens are committed
 * @param guidance weight of classifier-free guidance
 */
public record Sampling(
    Optional<String> algorithm,
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalInt topK,
    OptionalDouble algorithmTemperature,
    OptionalDouble guidance) {

  /** As the family's published code samples. */
  public static final Sampling PUBLISHED =
      new Sampling(
          Optional.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalInt.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty());

  /**
   * The same with another temperature.
   *
   * @param value 0 for the most likely tokens
   * @return the changed sampling
   */
  public Sampling withTemperature(double value) {
    return new Sampling(
        algorithm, OptionalDouble.of(value), topP, topK, algorithmTemperature, guidance);
  }

  /**
   * The same with another choice of which tokens a step commits.
   *
   * @param value the published name of an algorithm of the model's family
   * @return the changed sampling
   */
  public Sampling withAlgorithm(String value) {
    return new Sampling(
        Optional.of(value), temperature, topP, topK, algorithmTemperature, guidance);
  }
}
