/**
 * The {@code sparsed eval} commands: accuracy on task files, RULER's tasks, speed and memory of
 * methods, and run files that combine them. {@link dev.sparsed.examples.eval.Method} names what is
 * compared; the sub-packages do the work and know nothing of the command line.
 */
@NullMarked
package dev.sparsed.examples.eval;

import org.jspecify.annotations.NullMarked;
