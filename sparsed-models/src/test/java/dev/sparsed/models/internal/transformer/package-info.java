/** Tests of the transformer. */
@NullMarked
package dev.sparsed.models.internal.transformer;

import org.jspecify.annotations.NullMarked;
