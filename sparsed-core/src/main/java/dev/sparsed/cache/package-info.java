/**
 * Which cached tokens survive: Sparse-dLLM's importance and selection as pure functions over Java
 * arrays, the oracle of the versions that run on tensors.
 */
@NullMarked
package dev.sparsed.cache;

import org.jspecify.annotations.NullMarked;
