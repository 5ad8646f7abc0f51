/** Placeholder. */
@NullMarked
package dev.sparsed.examples;

import org.jspecify.annotations.NullMarked;
