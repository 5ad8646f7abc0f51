package dev.sparsed.models.cache;

/** Whether and how a generation keeps keys and values from one step to the next. */
public sealed interface CachePolicy permits NoCache {

  /**
   * Nothing is kept: every step feeds the whole sequence.
   *
   * @return the policy
   */
  static CachePolicy none() {
    return new NoCache();
  }
}
