package dev.sparsed.models.cache;

/**
 * Decides step by step what one sequence feeds and keeps. Made by {@link CachePolicy#planner} for
 * one generation of one sequence, used by the generating thread only, and closed when the
 * generation ends, however it ends. It may hold state of its own.
 */
@FunctionalInterface
public interface CachePlanner extends AutoCloseable {

  /**
   * Called before every step, also before one that is left out because it would commit nothing.
   *
   * @param step where the generation stands; valid during the call
   * @return what the step feeds, reads and keeps
   */
  CachePlan plan(CacheStep step);

  /** Called once, when the generation has ended. An exception hides the generation's result. */
  @Override
  default void close() {}
}
