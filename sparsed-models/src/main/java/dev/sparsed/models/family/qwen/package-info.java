/**
 * Diffusion models that were made of Qwen 2 and Qwen 3 and attend in both directions: those of the
 * dLLM library (A2D) and Open-dLLM's. Small ones are published, of 0.5 billion weights and more.
 */
@NullMarked
package dev.sparsed.models.family.qwen;

import org.jspecify.annotations.NullMarked;
