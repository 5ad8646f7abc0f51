/**
 * Measurements: of attention calls, backend by backend, and of whole generations.
 *
 * <p>A backend takes part in {@link dev.sparsed.examples.bench.AttentionBenchmark} as an {@link
 * dev.sparsed.examples.bench.AttentionCandidate}; everything else (inputs, pattern, warm-up,
 * statistics, output) is common. Nothing here reads the command line.
 */
@NullMarked
package dev.sparsed.examples.bench;

import org.jspecify.annotations.NullMarked;
