package dev.sparsed.report;

import dev.sparsed.pattern.SparsePattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The patterns of all layers that one step selected.
 *
 * @param step the step, from 0; null where patterns are made without scores, in no step
 * @param layers the pattern of each layer, on grids [1, H, S, S]
 */
record Selection(@Nullable Integer step, List<SparsePattern> layers) {}
