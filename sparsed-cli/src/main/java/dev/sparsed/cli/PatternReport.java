package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.pattern.SparsePattern;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * What the command {@code patterns} prints.
 *
 * @param files knows the run, and how a layer is drawn
 * @param comparisons tables of overlaps
 * @param saved the files that were written
 * @param width characters of a line
 */
record PatternReport(
    PatternFiles files,
    ImmutableList<PatternComparison> comparisons,
    ImmutableList<Path> saved,
    int width) {

  void print(PrintWriter out) {
    int layer = files.layer().orElse(files.run().layers().lastKey());
    SparsePattern pattern = files.run().layer(layer);
    out.println(files.picture(layer, pattern).text(files.head().orElse(0), width));
    out.println("Share of the blocks that each layer reads, least to most of its heads:");
    files.run().layers().forEach((index, each) -> out.println("  " + line(index, each)));
    for (PatternComparison comparison : comparisons) {
      out.println();
      out.print(comparison.text());
    }
    out.println();
    saved.forEach(file -> out.println("Saved " + file));
    out.flush();
  }

  private static String line(int layer, SparsePattern pattern) {
    double least = 1;
    double most = 0;
    for (int head = 0; head < pattern.grid().heads(); head++) {
      double density = pattern.head(head).density();
      least = Math.min(least, density);
      most = Math.max(most, density);
    }
    return String.format(
        Locale.ROOT,
        "layer %d: %.1f%% (%.1f%% to %.1f%%)",
        layer,
        100 * pattern.density(),
        100 * least,
        100 * most);
  }

  ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    SparsePattern any = files.run().first();
    root.put("tokens", any.grid().keyLength())
        .put("generated", files.run().generationLength())
        .put("block_size", any.grid().blocks().queryTokens())
        .put("key_block_size", any.grid().blocks().keyTokens())
        .put("step", files.run().keptStep());
    ArrayNode layers = root.putArray("layers");
    for (Map.Entry<Integer, SparsePattern> entry : files.run().layers().entrySet()) {
      ObjectNode node = layers.addObject().put("layer", entry.getKey());
      node.put("density", entry.getValue().density());
      ArrayNode heads = node.putArray("heads");
      for (int head = 0; head < entry.getValue().grid().heads(); head++) {
        heads.add(entry.getValue().head(head).density());
      }
    }
    ArrayNode compared = root.putArray("comparisons");
    comparisons.forEach(comparison -> compared.add(comparison.json()));
    ArrayNode written = root.putArray("files");
    saved.forEach(file -> written.add(file.toString()));
    return root;
  }
}
