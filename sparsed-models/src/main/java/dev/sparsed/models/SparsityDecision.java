package dev.sparsed.models;

/**
 * Whether a generation attended sparsely, decided before its first step.
 *
 * @param sparse true if the request's attention policy was followed, false if every step used full
 *     attention instead
 * @param reason one sentence that says why
 */
public record SparsityDecision(boolean sparse, String reason) {}
