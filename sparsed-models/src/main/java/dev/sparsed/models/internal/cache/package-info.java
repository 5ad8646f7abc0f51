/**
 * What is kept of keys and values, and the attention of layers over it: does what the plans of
 * {@link dev.sparsed.models.cache} say. A {@link dev.sparsed.models.internal.cache.KeyValueCache}
 * holds one sequence's; in each forward pass it is the transformer's view of attention.
 */
@NullMarked
package dev.sparsed.models.internal.cache;

import org.jspecify.annotations.NullMarked;
