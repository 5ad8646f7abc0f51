/**
 * The contract that every attention backend is tested against, and the tests of the session.
 *
 * <p>Other modules get these classes from core's test jar: extend {@link
 * dev.sparsed.attention.AttentionBackendContract} to test a backend.
 */
@NullMarked
package dev.sparsed.attention;

import org.jspecify.annotations.NullMarked;
