/** Tests of the cache eviction. */
@NullMarked
package dev.sparsed.cache;

import org.jspecify.annotations.NullMarked;
