package dev.sparsed.report;

import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.ListMultimap;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of one grid that one step selected.
 *
 * @param step the step, from 0; null where patterns are made without scores, in no step
 * @param numbers the index of each layer, ascending
 * @param layers the pattern of each of these layers, on grids [1, H, S, S]; of a model that attends
 *     block by block those of the block's queries over the keys up to its end
 */
record Selection(@Nullable Integer step, List<Integer> numbers, List<SparsePattern> layers) {

  /** The selections of a step, by grid: layers whose policies differ may differ in blocks. */
  static List<Selection> of(@Nullable Integer step, NavigableMap<Integer, SparsePattern> layers) {
    ListMultimap<BlockGrid, Integer> numbers = LinkedListMultimap.create();
    layers.forEach((layer, pattern) -> numbers.put(pattern.grid(), layer));
    return numbers.keySet().stream()
        .map(numbers::get)
        .map(
            same -> new Selection(step, List.copyOf(same), same.stream().map(layers::get).toList()))
        .toList();
  }
}
