/**
 * What modules of this library share below core's interfaces: where kernels may write ({@link
 * dev.sparsed.attention.internal.OutputMemory}) and whether sparse attention pays off ({@link
 * dev.sparsed.attention.internal.BreakEven}). Not for others: it may change with every version.
 */
@NullMarked
package dev.sparsed.attention.internal;

import org.jspecify.annotations.NullMarked;
