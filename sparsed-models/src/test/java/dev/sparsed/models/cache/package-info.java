/** Tests of caches. */
@NullMarked
package dev.sparsed.models.cache;

import org.jspecify.annotations.NullMarked;
