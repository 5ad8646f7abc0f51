/**
 * What is kept of keys and values between the steps of a generation. A {@link
 * dev.sparsed.models.cache.CachePolicy} says what, a {@link dev.sparsed.models.cache.CacheSchedule}
 * which steps fill and read it, and a {@link dev.sparsed.models.cache.KeyValueCache} holds it for
 * one sequence.
 */
@NullMarked
package dev.sparsed.models.cache;

import org.jspecify.annotations.NullMarked;
