package dev.sparsed.eval.speed;

/** Something whose speed is measured, such as a model. */
@FunctionalInterface
public interface SpeedSubject {

  /**
   * Checks that a case can be measured, before anything of it runs.
   *
   * @param speedCase the method and the lengths
   * @throws IllegalArgumentException if they do not go together; the case is then reported as not
   *     possible
   */
  default void check(SpeedCase speedCase) {}

  /**
   * Generates once.
   *
   * @param speedCase the method and the lengths
   * @return what it took
   */
  SpeedSample generate(SpeedCase speedCase);
}
