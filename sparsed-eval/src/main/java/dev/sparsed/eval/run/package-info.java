/**
 * Run files: tables whose cells are {@code eval} commands. {@link dev.sparsed.eval.run.RunFile}
 * reads one and fills in its variables, {@link dev.sparsed.eval.run.RunTable} collects what the
 * cells gave.
 */
@NullMarked
package dev.sparsed.eval.run;

import org.jspecify.annotations.NullMarked;
