package dev.sparsed.models.cache;

/** What a step does with the cache. */
public enum CacheUse {
  /** Feeds the whole sequence and leaves the cache alone. */
  BYPASSED,
  /** Feeds the whole sequence and fills the cache with its keys and values. */
  FILLED,
  /** Feeds a part of the sequence and attends to the cache besides. */
  READ;

  /**
   * Whether the whole sequence is fed.
   *
   * @return false for {@link #READ}
   */
  public boolean feedsAll() {
    return this != READ;
  }
}
