package dev.sparsed.models;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.cache.CachePlan;
import java.time.Duration;
import java.util.List;

/**
 * Where a generation stands after a step. Valid only during the listener's call.
 *
 * @param step the step that has just ended, from 0
 * @param totalSteps denoising steps of the whole generation; of parallel decoding, which ends when
 *     everything is decided, as many as there are tokens to generate
 * @param phase what the step did with attention
 * @param cache what the step did with the cache; a step that {@link CachePlan.CacheUse#READ reads}
 *     it fed only a part of each sequence, so that its time is not that of the same phase without
 * @param ran whether the step ran the model: one that commits no token, builds no pattern and fills
 *     no cache changes nothing and is not computed
 * @param time wall-clock time of the step
 * @param sequences the tokens of every sequence so far, prompt included, mask tokens where nothing
 *     is decided yet; in the order of the request's prompts; not to be modified
 * @param decided for each sequence the positions in it that this step decided, ascending, those
 *     whose token it changed for another one among them; not to be modified
 * @param chances for each of the decided positions the probability that the model gave its token, 0
 *     to 1: of the distribution that it was chosen from, for Dream after temperature and filters;
 *     NaN where the sequence was filled up after its end of text. Not to be modified
 * @param preview for each sequence its tokens so far with a guess where nothing is decided yet: the
 *     token that the model last took for the likeliest there, mask tokens where it was not asked.
 *     Prompt included; not to be modified
 * @param settled for each sequence the position from which on tokens that are decided may still
 *     change: its length, unless the decoding {@linkplain
 *     dev.sparsed.models.decoding.DecodingPolicy#takesBack takes tokens back}
 */
public record GenerationProgress(
    int step,
    int totalSteps,
    AttentionPhase phase,
    CachePlan.CacheUse cache,
    boolean ran,
    Duration time,
    List<int[]> sequences,
    List<int[]> decided,
    List<double[]> chances,
    List<int[]> preview,
    List<Integer> settled) {}
