package dev.sparsed.select;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.step.StepContext;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a selector is told beyond a row's scores: the layer, the step, and the pattern that the
 * layer has had so far. Made once for each layer of a step that selects, and valid while that layer
 * selects; its pattern may be kept.
 */
public final class SelectionContext {

  private static final StepContext FIRST_STEP = StepContext.of(0, 1);

  private final int layer;
  private final int headsPerKvHead;
  private final StepContext step;
  private final Supplier<Optional<SparsePattern>> patternSoFar;

  private SelectionContext(
      int layer,
      int headsPerKvHead,
      StepContext step,
      Supplier<Optional<SparsePattern>> patternSoFar) {
    this.layer = layer;
    this.headsPerKvHead = headsPerKvHead;
    this.step = step;
    this.patternSoFar = patternSoFar;
  }

  /**
   * The context of a layer that selects.
   *
   * @param layer index of the layer, from 0
   * @param headsPerKvHead query heads that share a key/value head, at least 1
   * @param step the step
   * @param patternSoFar gives the pattern that the layer has had so far, if any; asked only if a
   *     selector asks, as the pattern may lie on a device
   * @return the context
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static SelectionContext of(
      int layer,
      int headsPerKvHead,
      StepContext step,
      Supplier<Optional<SparsePattern>> patternSoFar) {
    checkArgument(layer >= 0, "layer must not be negative but is %s", layer);
    checkArgument(
        headsPerKvHead >= 1, "headsPerKvHead must be at least 1 but is %s", headsPerKvHead);
    return new SelectionContext(layer, headsPerKvHead, step, patternSoFar);
  }

  /**
   * The context of a selection outside of any generation: layer 0 in the only step, without a
   * pattern so far.
   *
   * @param headsPerKvHead query heads that share a key/value head, at least 1
   * @return the context
   * @throws IllegalArgumentException if the number is below 1
   */
  public static SelectionContext alone(int headsPerKvHead) {
    return of(0, headsPerKvHead, FIRST_STEP, Optional::empty);
  }

  /**
   * The layer.
   *
   * @return index of the layer, from 0
   */
  public int layer() {
    return layer;
  }

  /**
   * The key/value head that a query head reads.
   *
   * @param head index of the query head, such as {@link BlockScoreRow#head()}
   * @return index of the key/value head
   */
  public int kvHead(int head) {
    return head / headsPerKvHead;
  }

  /**
   * The step.
   *
   * @return where the generation stands; valid as long as this context
   */
  public StepContext step() {
    return step;
  }

  /**
   * The pattern that the layer has attended with until now. May copy it from a device at each call.
   *
   * @return the pattern, or empty if this is the layer's first
   */
  public Optional<SparsePattern> patternSoFar() {
    return patternSoFar.get();
  }
}
