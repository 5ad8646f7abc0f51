/** Placeholder. */
@NullMarked
package dev.sparsed.models;

import org.jspecify.annotations.NullMarked;
