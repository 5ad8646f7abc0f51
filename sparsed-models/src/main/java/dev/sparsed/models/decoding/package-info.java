/**
 * From logits to tokens: what the decodings of all families share, and parallel decoding.
 *
 * <p>A {@link dev.sparsed.models.decoding.DecodingPolicy} holds the settings. The loop asks a
 * decoder which positions it reads in a step, computes logits for those only, and lets the decoder
 * commit some of them. Nothing here knows the model.
 */
@NullMarked
package dev.sparsed.models.decoding;

import org.jspecify.annotations.NullMarked;
