/** Placeholder. */
@NullMarked
package dev.sparsed;

import org.jspecify.annotations.NullMarked;
