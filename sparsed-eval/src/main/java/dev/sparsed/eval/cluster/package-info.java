/**
 * Evaluations on several machines. What answers there comes from a library beside this one, which
 * {@link java.util.ServiceLoader} finds: {@code sparsed-spark} is one. What is asked, in which
 * batches and with which seeds, is decided before, so that the answers are those of one machine.
 */
@NullMarked
package dev.sparsed.eval.cluster;

import org.jspecify.annotations.NullMarked;
