package dev.sparsed.report;

import dev.sparsed.pattern.BlockGrid;
import java.util.ArrayList;
import java.util.List;

/** Densities and overlaps of the heads of one selection: exact, whatever its picture shows. */
final class PatternNumbers {

  private final List<Integer> numbers;
  private final List<LayerBits> layers;

  PatternNumbers(Selection selection) {
    this.numbers = selection.numbers();
    this.layers = selection.layers().stream().map(LayerBits::of).toList();
  }

  private int heads() {
    return grid().heads();
  }

  BlockGrid grid() {
    return layers.get(0).grid();
  }

  /** [layers][heads]. */
  List<List<Double>> densities() {
    List<List<Double>> all = new ArrayList<>();
    for (LayerBits layer : layers) {
      List<Double> densities = new ArrayList<>();
      for (int head = 0; head < heads(); head++) {
        densities.add(rounded(layer.density(head)));
      }
      all.add(densities);
    }
    return all;
  }

  /** Of each layer the pairs of heads a &lt; b, b running fastest. */
  List<List<Double>> headOverlaps() {
    List<List<Double>> all = new ArrayList<>();
    for (LayerBits layer : layers) {
      List<Double> overlaps = new ArrayList<>();
      for (int a = 0; a < heads(); a++) {
        for (int b = a + 1; b < heads(); b++) {
          overlaps.add(rounded(layer.overlap(a, layer, b)));
        }
      }
      all.add(overlaps);
    }
    return all;
  }

  boolean comparableWith(PatternNumbers other) {
    return numbers.equals(other.numbers) && grid().equals(other.grid());
  }

  /** Overlaps of each head with the same one of another selection. */
  List<List<Double>> overlaps(PatternNumbers other) {
    List<List<Double>> all = new ArrayList<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      List<Double> overlaps = new ArrayList<>();
      for (int head = 0; head < heads(); head++) {
        overlaps.add(rounded(layers.get(layer).overlap(head, other.layers.get(layer), head)));
      }
      all.add(overlaps);
    }
    return all;
  }

  /** More digits than a page shows. */
  private static double rounded(double share) {
    return Math.round(share * 1e6) / 1e6;
  }
}
