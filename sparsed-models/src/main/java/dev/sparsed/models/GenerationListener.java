package dev.sparsed.models;

import dev.sparsed.pattern.SparsePattern;
import java.util.function.Supplier;

/**
 * Follows a generation step by step. Called by the generating thread. It may generate with the same
 * model, and may wait for a generation that another thread begins meanwhile. What is called while a
 * step runs must not wait for one that was running before, which may share the forward pass and so
 * wait for this one; {@link SharedPasses.BatchMode#SEPARATE} is the way out.
 */
@FunctionalInterface
public interface GenerationListener {

  /** Lets every generation run to its end. */
  GenerationListener NONE = progress -> Reaction.CONTINUE;

  /** What to do after a step. */
  enum Reaction {
    /** Go on. */
    CONTINUE,
    /** End the generation; its result holds the tokens decided so far. */
    STOP
  }

  /**
   * Called after every step.
   *
   * @param progress where the generation stands
   * @return whether to go on
   */
  Reaction onStep(GenerationProgress progress);

  /**
   * Called when a layer has chosen the tokens that it keeps, before the step that fills the cache
   * ends. With a {@code keepRatio} of 1 these are all of them.
   *
   * @param sequence index of the prompt in the request
   * @param step the step, from 0
   * @param layer index of the layer
   * @param importance importance of each token outside the step's block after pooling, the block
   *     cut out; not to be modified
   * @param kept indices into {@code importance} of the kept tokens, ascending; not to be modified
   */
  default void onEviction(int sequence, int step, int layer, float[] importance, int[] kept) {}

  /**
   * Called when a layer has chosen its pattern, in each step that selects, while the step runs: by
   * the generating thread, which waits for it, as do all sequences that share the forward pass.
   * Patterns that are made without scores, such as a sliding window, are chosen in no step. A
   * listener that never gets the pattern costs nothing.
   *
   * @param sequence index of the prompt in the request
   * @param step the step, from 0
   * @param layer index of the layer
   * @param pattern gives the pattern, on a grid [1, H, S, S], or for a model that attends block by
   *     block on one of the block's queries over the keys up to its end; to be called during this
   *     call only, as it may copy from a card. What it gives is immutable and may be kept
   */
  default void onPattern(int sequence, int step, int layer, Supplier<SparsePattern> pattern) {}
}
