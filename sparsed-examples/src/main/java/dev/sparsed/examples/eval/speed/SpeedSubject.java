package dev.sparsed.examples.eval.speed;

/** Something whose speed is measured, such as a model. */
@FunctionalInterface
public interface SpeedSubject {

  /**
   * Generates once.
   *
   * @param speedCase the method and the lengths
   * @return what it took
   * @throws IllegalArgumentException if the method and the lengths do not go together; the case is
   *     then reported as not possible
   */
  SpeedSample generate(SpeedCase speedCase);
}
