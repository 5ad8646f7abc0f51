package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.sparsed.pattern.BlockScoreMap;
import dev.sparsed.pattern.SparsePattern;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/**
 * The patterns that one generation chose, or that a file holds.
 *
 * @param name what the run is called in comparisons
 * @param generationLength tokens to generate, at the end of the sequence; 0 where a file does not
 *     say
 * @param keptStep the step whose patterns are drawn and saved; SparseD keeps those of its own
 * @param steps for each step that chose patterns that of every layer, by index of the layer
 * @param scores for each layer what the step {@code keptStep} chose by; empty where it was not
 *     asked for
 */
record PatternRun(
    String name,
    int generationLength,
    int keptStep,
    ImmutableSortedMap<Integer, ImmutableSortedMap<Integer, SparsePattern>> steps,
    ImmutableList<BlockScoreMap> scores) {

  /** Of a file, which does not say where the generation begins. */
  static PatternRun ofFile(String name, SortedMap<Integer, SparsePattern> layers) {
    return new PatternRun(
        name,
        0,
        0,
        ImmutableSortedMap.of(0, ImmutableSortedMap.copyOfSorted(layers)),
        ImmutableList.of());
  }

  /** Of what a generation chose. */
  static PatternRun of(
      String name,
      int generationLength,
      int keptStep,
      Map<Integer, ? extends Map<Integer, SparsePattern>> steps,
      List<BlockScoreMap> scores) {
    ImmutableSortedMap.Builder<Integer, ImmutableSortedMap<Integer, SparsePattern>> all =
        ImmutableSortedMap.naturalOrder();
    steps.forEach((step, layers) -> all.put(step, ImmutableSortedMap.copyOf(layers)));
    return new PatternRun(
        name, generationLength, keptStep, all.build(), ImmutableList.copyOf(scores));
  }

  /** The patterns that are drawn and saved, by index of the layer. */
  ImmutableSortedMap<Integer, SparsePattern> layers() {
    return steps.getOrDefault(keptStep, ImmutableSortedMap.of());
  }

  /** The pattern of a layer that there is. */
  SparsePattern layer(int index) {
    return Objects.requireNonNull(layers().get(index), () -> "no layer " + index);
  }

  /** Any of the patterns; all layers have the same grid. */
  SparsePattern first() {
    return layer(layers().firstKey());
  }
}
