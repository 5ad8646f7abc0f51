package dev.sparsed.models;

import java.time.Duration;

/**
 * What a generation did in one attention phase.
 *
 * @param steps denoising steps in this phase
 * @param forwardPasses how many of them ran the model; a step that commits no token, builds no
 *     pattern and fills no cache changes nothing and is not computed
 * @param time wall-clock time of these steps
 */
public record PhaseUse(int steps, int forwardPasses, Duration time) {}
