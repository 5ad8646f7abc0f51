/** Tests of the selectors. */
@NullMarked
package dev.sparsed.attention.internal;

import org.jspecify.annotations.NullMarked;
