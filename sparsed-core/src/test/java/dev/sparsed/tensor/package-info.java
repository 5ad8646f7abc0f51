/** Tests of the selectors. */
@NullMarked
package dev.sparsed.tensor;

import org.jspecify.annotations.NullMarked;
