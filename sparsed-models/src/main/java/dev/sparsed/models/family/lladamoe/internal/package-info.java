/**
 * LLaDA-MoE: a masked diffusion model with experts in its layers, which attends in both directions
 * and decodes as LLaDA does. It calls itself {@code llada} as LLaDA itself does; only its class
 * sets it apart.
 */
@NullMarked
package dev.sparsed.models.family.lladamoe.internal;

import org.jspecify.annotations.NullMarked;
