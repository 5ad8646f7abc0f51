package dev.sparsed.select;

/** Which block scores a {@link BlockSelector} reads; each constant includes those before it. */
public enum ScoreScope {
  /** None: the selector needs only the grid. */
  NONE,
  /** Scores under a softmax over all keys. */
  ALL_KEYS,
  /** Those, and scores under a softmax over the keys of the generation blocks only. */
  ALL_AND_GENERATION_KEYS
}
