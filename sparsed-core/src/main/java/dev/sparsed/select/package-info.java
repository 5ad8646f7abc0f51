/**
 * How block scores become a pattern: what scores a selector asks for, the rows it is given, and the
 * selectors that come along.
 *
 * <p>A backend computes scores row by row and hands each row to a {@link
 * dev.sparsed.select.BlockSelector}; scores of a whole layer never need to be held at once.
 */
@NullMarked
package dev.sparsed.select;

import org.jspecify.annotations.NullMarked;
