/**
 * The attention-backend interface and the session that takes one generation through SparseD's
 * phases.
 *
 * <p>A model calls {@link dev.sparsed.attention.SparseAttention#attend} once per layer and step.
 * The session knows the step's phase, keeps one pattern per layer, and asks an {@link
 * dev.sparsed.attention.AttentionBackend} for the arithmetic.
 */
@NullMarked
package dev.sparsed.attention;

import org.jspecify.annotations.NullMarked;
