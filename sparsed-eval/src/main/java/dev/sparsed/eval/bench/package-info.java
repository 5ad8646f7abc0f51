/**
 * Measurements: of attention calls, backend by backend, and of whole generations.
 *
 * <p>A backend takes part in {@link dev.sparsed.eval.bench.AttentionBenchmark} as an {@link
 * dev.sparsed.eval.bench.AttentionCandidate}; everything else (inputs, pattern, warm-up,
 * statistics, output) is common. Nothing here reads the command line.
 */
@NullMarked
package dev.sparsed.eval.bench;

import org.jspecify.annotations.NullMarked;
