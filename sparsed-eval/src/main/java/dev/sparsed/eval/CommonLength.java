package dev.sparsed.eval;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.models.method.Method;
import java.util.Collection;

/**
 * The length that several methods can generate. Those that decode in blocks generate whole ones;
 * methods are compared over the same tokens in the same steps, or the ratio of their times means
 * nothing.
 */
final class CommonLength {

  /** More than any model has positions for: blocks that fit together no sooner do not at all. */
  private static final int MOST = 1 << 24;

  private CommonLength() {}

  /**
   * The least length from a wanted one on that none of the methods rounds up.
   *
   * @throws IllegalArgumentException if there is none that a model could generate
   */
  static int of(EvalModel model, Collection<Method> methods, int wanted) {
    int length = wanted;
    int before;
    do {
      before = length;
      for (Method method : methods) {
        checkArgument(
            length <= MOST,
            "the methods' block lengths have no common multiple from %s up to %s",
            wanted,
            MOST);
        length = model.generationLength(method, length);
      }
    } while (length != before);
    return length;
  }
}
