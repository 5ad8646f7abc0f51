/**
 * Sparse attention for diffusion language models, without native code and without a tensor library.
 *
 * <p>Read the packages in this order: {@code dev.sparsed.pattern} (which key blocks a query block
 * reads), {@code dev.sparsed.select} (how scores become a pattern), {@code dev.sparsed.tensor}
 * (number formats and layouts), {@code dev.sparsed.attention} (the backend interface and the
 * session of one generation), {@code dev.sparsed.reference} (the plain-Java oracle) and {@code
 * dev.sparsed.cache} (which cached tokens survive).
 */
@NullMarked
package dev.sparsed;

import org.jspecify.annotations.NullMarked;
