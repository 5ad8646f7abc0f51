/**
 * The options that several commands have in common, with the same names, meaning and defaults in
 * each: the command line's face of {@link dev.sparsed.models.method}. Defaults in the texts are the
 * constants that the library uses.
 */
@NullMarked
package dev.sparsed.cli.options;

import org.jspecify.annotations.NullMarked;
