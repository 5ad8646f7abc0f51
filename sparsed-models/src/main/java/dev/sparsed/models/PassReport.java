package dev.sparsed.models;

/**
 * The forward passes of a generation.
 *
 * @param passes passes that ran
 * @param shared how many of them ran the model for other sequences too
 * @param exact whether every sequence got what it gets alone to the last bit; if not, up to
 *     rounding
 */
public record PassReport(int passes, int shared, boolean exact) {}
