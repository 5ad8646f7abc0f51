/**
 * What a newcomer reads first: {@link dev.sparsed.examples.Playground} for JShell, and in {@code
 * byo} examples of an own model made sparse.
 */
@NullMarked
package dev.sparsed.examples;

import org.jspecify.annotations.NullMarked;
