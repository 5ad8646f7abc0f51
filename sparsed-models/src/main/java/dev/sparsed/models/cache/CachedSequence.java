package dev.sparsed.models.cache;

/**
 * A sequence that a cache is planned for.
 *
 * @param promptLength tokens of the prompt
 * @param length tokens of the prompt and the generation
 * @param layers layers of the model
 */
public record CachedSequence(int promptLength, int length, int layers) {}
