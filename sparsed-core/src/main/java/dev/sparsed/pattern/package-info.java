/**
 * Block-sparse attention patterns: the grid of blocks, the immutable set of computed blocks on it,
 * its serial form and its picture.
 *
 * <p>Nothing here knows how a pattern came to be ({@code dev.sparsed.select}) or what is computed
 * with it ({@code dev.sparsed.attention}).
 */
@NullMarked
package dev.sparsed.pattern;

import org.jspecify.annotations.NullMarked;
