package dev.sparsed.eval.model;

import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;

/**
 * How a method is used.
 *
 * @param method the method
 * @param sampling how tokens are chosen
 * @param earlyStop whether a generation ends at its first end of text
 */
public record MethodUse(Method method, Sampling sampling, boolean earlyStop) {

  /**
   * A method with the sampling of the model's published code, and generations of their full length.
   *
   * @param method the method
   * @return its use
   */
  public static MethodUse of(Method method) {
    return new MethodUse(method, Sampling.PUBLISHED, false);
  }
}
