/**
 * Diffusion models that were made of Qwen 2 and Qwen 3: those of the dLLM library (A2D) and
 * Open-dLLM's, which attend in both directions, and SDAR and Fast-dLLM v2, whose attention is
 * causal over blocks. Small ones are published, of 0.5 billion weights and more.
 */
@NullMarked
package dev.sparsed.models.family.qwen;

import org.jspecify.annotations.NullMarked;
