/**
 * The transformer that an architecture describes: token ids in, hidden rows and logits out.
 *
 * <p>A forward pass takes one sequence. Layers that work on tokens one by one run in chunks of
 * tokens, so that their intermediate results stay small at any length; attention sees the whole
 * sequence through a {@link dev.sparsed.models.internal.transformer.LayerAttention}, which decides
 * what the queries attend to. The last layer computes only the rows that are read.
 */
@NullMarked
package dev.sparsed.models.internal.transformer;

import org.jspecify.annotations.NullMarked;
