package dev.sparsed.models;

/**
 * Whether a generation attended sparsely, decided before its first step.
 *
 * @param sparse true if the request's attention policy was followed and has sparse steps, false if
 *     every step used full attention
 * @param reason one sentence that says why
 */
public record SparsityDecision(boolean sparse, String reason) {}
