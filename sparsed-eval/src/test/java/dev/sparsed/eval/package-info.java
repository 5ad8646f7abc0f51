/** Tests of evaluations as a program runs them. */
@NullMarked
package dev.sparsed.eval;

import org.jspecify.annotations.NullMarked;
