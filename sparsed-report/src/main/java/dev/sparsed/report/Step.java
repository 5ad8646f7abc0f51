package dev.sparsed.report;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.cache.CachePlan;
import java.time.Duration;
import java.util.List;

/**
 * What is kept of a step.
 *
 * @param phase how it attended
 * @param cache what it did with the cache
 * @param ran whether it ran the model
 * @param time wall-clock time
 * @param decided for each sequence the positions that it decided
 * @param chances for each of them the probability of its token, NaN where there was none
 * @param guesses for each sequence which guesses for open positions it changed: position and token
 *     in turn
 */
record Step(
    AttentionPhase phase,
    CachePlan.CacheUse cache,
    boolean ran,
    Duration time,
    List<int[]> decided,
    List<double[]> chances,
    List<int[]> guesses) {}
