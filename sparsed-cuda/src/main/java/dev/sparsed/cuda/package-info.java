/** Placeholder. */
@NullMarked
package dev.sparsed.cuda;

import org.jspecify.annotations.NullMarked;
