/**
 * The {@code sparsed eval} commands: accuracy on task files, RULER's tasks, speed and memory of
 * methods, and run files that combine them. {@link dev.sparsed.models.method.Method} names what is
 * compared; {@code dev.sparsed.eval} does the work.
 */
@NullMarked
package dev.sparsed.cli.eval;

import org.jspecify.annotations.NullMarked;
