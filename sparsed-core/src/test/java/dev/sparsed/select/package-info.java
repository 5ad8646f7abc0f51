/** Tests of the selectors. */
@NullMarked
package dev.sparsed.select;

import org.jspecify.annotations.NullMarked;
