package dev.sparsed.examples;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.pattern.PatternFile;
import dev.sparsed.pattern.PatternPicture;
import dev.sparsed.pattern.SparsePattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which blocks every head of a model reads: printed, drawn as a PNG per layer, and saved to a file
 * that can be read again. Argument: a folder that is there, for the files.
 */
public final class SaveAndDrawPatterns {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";

  private SaveAndDrawPatterns() {}

  /**
   * Prints one head's pattern and writes the files.
   *
   * @param arguments the folder to write to; without it the current one
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments.length > 0 ? arguments[0] : ".");
    Map<Integer, SparsePattern> layers = new TreeMap<>();
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      GenerationResult result =
          model.generate(
              model
                  .ask(QUESTION)
                  .generationLength(32)
                  .steps(32)
                  .attention(AttentionPolicy.sparseD(0.2, 0.5, 4))
                  .sparsity(Sparsity.ALWAYS)
                  .keepPatterns()
                  .build());
      for (SparsePattern layer : result.patterns().get(0)) {
        layers.put(layers.size(), layer);
      }
    }
    Path file = folder.resolve("patterns.bin");
    PatternFile.save(file, layers);
    Map<Integer, SparsePattern> read = PatternFile.load(file);
    for (Map.Entry<Integer, SparsePattern> layer : read.entrySet()) {
      PatternPicture picture =
          PatternPicture.of(layer.getValue()).titled("layer " + layer.getKey()).generating(32);
      picture.sheet(256).save(folder.resolve("layer" + layer.getKey() + ".png"));
      System.out.println(picture.text(0, 40));
    }
  }
}
