/**
 * Diffusion language models ready to use: load a checkpoint, ask for tokens, get tokens.
 *
 * <p>{@link dev.sparsed.models.DiffusionModel} is the way in. A {@link
 * dev.sparsed.models.GenerationRequest} says what to generate and combines three independent
 * choices: how positions are decoded ({@code decoding}), when and how attention is sparse ({@link
 * dev.sparsed.attention.AttentionPolicy}), and what is cached between steps ({@code cache}).
 */
@NullMarked
package dev.sparsed.models;

import org.jspecify.annotations.NullMarked;
