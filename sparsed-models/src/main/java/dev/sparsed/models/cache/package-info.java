/**
 * What is kept of keys and values between the steps of a generation. A {@link
 * dev.sparsed.models.cache.CachePolicy} makes a {@link dev.sparsed.models.cache.CachePlanner} for
 * each sequence; its {@link dev.sparsed.models.cache.CachePlan}s say what a step feeds, reads and
 * keeps.
 */
@NullMarked
package dev.sparsed.models.cache;

import org.jspecify.annotations.NullMarked;
