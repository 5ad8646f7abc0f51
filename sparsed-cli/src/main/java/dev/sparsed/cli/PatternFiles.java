package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.pattern.PatternFile;
import dev.sparsed.pattern.PatternPicture;
import dev.sparsed.pattern.ScorePicture;
import dev.sparsed.pattern.SparsePattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The pictures and the pattern file of a run.
 *
 * @param model what the pictures say on top
 * @param run whose patterns
 * @param layer the one layer to draw; empty for all
 * @param head the one head to draw; empty for all
 */
record PatternFiles(String model, PatternRun run, OptionalInt layer, OptionalInt head) {

  /** Pixels of a head's longer side where it stands alone, among few and among many. */
  private static final int ALONE = 768;

  private static final int FEW = 400;
  private static final int MANY = 256;
  private static final int FEW_HEADS = 4;
  private static final String PATTERNS = "patterns.spd";

  /** The picture of a layer. */
  PatternPicture picture(int index, SparsePattern pattern) {
    PatternPicture picture =
        PatternPicture.of(pattern).titled(String.format(Locale.ROOT, "%s, layer %d", model, index));
    return run.generationLength() == 0 ? picture : picture.generating(run.generationLength());
  }

  /**
   * Writes all files.
   *
   * @param folder made if it is not there
   * @return the files
   */
  ImmutableList<Path> save(Path folder) throws IOException {
    Files.createDirectories(folder);
    ImmutableList.Builder<Path> files = ImmutableList.builder();
    int position = 0;
    for (Map.Entry<Integer, SparsePattern> entry : run.layers().entrySet()) {
      int index = entry.getKey();
      if (layer.isEmpty() || layer.getAsInt() == index) {
        PatternPicture picture = picture(index, entry.getValue());
        Path file = folder.resolve(fileName(index) + ".png");
        (head.isPresent()
                ? picture.image(head.getAsInt(), ALONE)
                : picture.sheet(size(entry.getValue())))
            .save(file);
        files.add(file);
        if (position < run.scores().size()) {
          files.add(saveScores(folder, index, position));
        }
      }
      position++;
    }
    Path patterns = folder.resolve(PATTERNS);
    PatternFile.save(patterns, run.layers());
    return files.add(patterns).build();
  }

  private Path saveScores(Path folder, int index, int position) throws IOException {
    String title = String.format(Locale.ROOT, "%s, layer %d", model, index);
    int border = run.scores().get(position).grid().firstGenerationBlock(run.generationLength());
    ScorePicture picture =
        new ScorePicture(
            run.scores().get(position), title, run.generationLength() == 0 ? 0 : border);
    Path file = folder.resolve(fileName(index) + "-scores.png");
    (head.isPresent()
            ? picture.image(head.getAsInt(), ALONE)
            : picture.sheet(size(run.layer(index))))
        .save(file);
    return file;
  }

  private String fileName(int index) {
    String name = String.format(Locale.ROOT, "layer-%02d", index);
    return head.isEmpty() ? name : name + String.format(Locale.ROOT, "-head-%02d", head.getAsInt());
  }

  private static int size(SparsePattern pattern) {
    return pattern.grid().heads() <= FEW_HEADS ? FEW : MANY;
  }
}
