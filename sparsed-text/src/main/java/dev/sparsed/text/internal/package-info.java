/** What this module shares with those above it and nobody else should call. */
@NullMarked
package dev.sparsed.text.internal;

import org.jspecify.annotations.NullMarked;
