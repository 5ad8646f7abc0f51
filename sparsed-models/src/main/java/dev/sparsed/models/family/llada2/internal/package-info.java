/**
 * LLaDA2: experts in groups beside a shared one, the first layers dense, a part of each head
 * rotated, and attention that is causal over blocks of 32.
 */
@NullMarked
package dev.sparsed.models.family.llada2.internal;

import org.jspecify.annotations.NullMarked;
