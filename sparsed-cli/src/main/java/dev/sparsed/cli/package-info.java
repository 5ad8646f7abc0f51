/**
 * The command line {@code ./sparsed}: one class per command, options that several commands share in
 * classes named {@code ...Arguments}.
 *
 * <p>Results go to standard output, everything else to standard error. Exit codes: 0 done, 1
 * failed, 2 bad use. A failure is one line, unless {@code --verbose} asks for its stack trace.
 */
@NullMarked
package dev.sparsed.cli;

import org.jspecify.annotations.NullMarked;
