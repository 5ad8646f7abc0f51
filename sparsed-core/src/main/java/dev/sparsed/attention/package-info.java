/**
 * The attention-backend interface and the session that takes one generation through SparseD's
 * phases.
 *
 * <p>Queries, keys and values are judged once, in {@link dev.sparsed.attention.AttentionCall}; a
 * pattern is judged once, in {@link dev.sparsed.attention.PreparedPattern}. What is behind them
 * trusts both.
 *
 * <p>A model calls {@link dev.sparsed.attention.SparseAttention#attend} once per layer and step.
 * The session knows the step's phase, keeps one pattern per layer, and asks an {@link
 * dev.sparsed.attention.AttentionBackend} for the arithmetic.
 *
 * <pre>{@code
 * AttentionPolicy policy = AttentionPolicy.sparseD();
 * try (var attention = new SparseAttention<>(backend, policy, layers, steps, tokensToGenerate)) {
 *   for (int step = 0; step < steps; step++) {
 *     attention.beginStep(step);
 *     for (int layer = 0; layer < layers; layer++) {
 *       // q, k and v of this layer; the rest of the layer is the model's own
 *       output = attention.attend(layer, q, k, v);
 *     }
 *   }
 * }
 * }</pre>
 */
@NullMarked
package dev.sparsed.attention;

import org.jspecify.annotations.NullMarked;
