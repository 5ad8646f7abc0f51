/**
 * The transformer that an architecture describes: token ids in, hidden rows and logits out.
 *
 * <p>A forward pass takes what some sequences feed it ({@link
 * dev.sparsed.models.internal.transformer.Feed}), of any lengths. Their rows lie one below the
 * other in what works on tokens one by one, which runs in chunks of rows, so that intermediate
 * results stay small at any length. Attention sees one sequence through a {@link
 * dev.sparsed.models.internal.transformer.LayerAttention}, which decides what the queries attend
 * to. The last layer computes only the rows that are read.
 */
@NullMarked
package dev.sparsed.models.internal.transformer;

import org.jspecify.annotations.NullMarked;
