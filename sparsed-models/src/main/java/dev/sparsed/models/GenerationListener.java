package dev.sparsed.models;

/** Follows a generation step by step. Called by the generating thread. */
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
}
