/** Tests of the transformer. */
@NullMarked
package dev.sparsed.models.transformer;

import org.jspecify.annotations.NullMarked;
