/** Tests of decoding. */
@NullMarked
package dev.sparsed.models.decoding;

import org.jspecify.annotations.NullMarked;
