/** Placeholder. */
@NullMarked
package dev.sparsed.cpu;

import org.jspecify.annotations.NullMarked;
