package dev.sparsed.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

final class PatternPackTest {

  private static final int LAYERS = 28;
  private static final int HEADS = 28;
  private static final int TOKENS = 65_536;
  private static final int BLOCK = 128;

  private static byte[] unpacked(PatternPack pack) throws IOException {
    byte[] packed = Base64.getDecoder().decode(pack.text());
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }

  /** Heads that read some columns and blocks beside themselves, and some blocks at random. */
  private static SparsePattern ofATrainedModel(long seed) {
    Random random = new Random(seed);
    BlockGrid grid = BlockGrid.square(1, HEADS, TOKENS, BLOCK);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    int n = grid.keyBlocks();
    for (int head = 0; head < HEADS; head++) {
      boolean[] columns = new boolean[n];
      for (int column = 0; column < n; column++) {
        columns[column] = column < 2 || random.nextInt(6) == 0;
      }
      int width = 5 + random.nextInt(20);
      for (int query = 0; query < n; query++) {
        for (int column = 0; column < n; column++) {
          boolean near = Math.abs(query - column) < width;
          boolean other = random.nextInt(50) == 0;
          boolean missing = random.nextInt(50) == 0;
          if (near || other || (columns[column] && !missing)) {
            builder.set(grid.row(0, head, query), column);
          }
        }
      }
    }
    return builder.build();
  }

  private static SparsePattern random(long seed) {
    Random random = new Random(seed);
    BlockGrid grid = BlockGrid.square(1, HEADS, TOKENS, BLOCK);
    SparsePatternBuilder builder = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      for (int column = 0; column < grid.keyBlocks(); column++) {
        if (random.nextInt(10) < 3) {
          builder.set(row, column);
        }
      }
    }
    return builder.build();
  }

  private static Selection selection(int step, List<SparsePattern> layers) {
    return new Selection(step, IntStream.range(0, layers.size()).boxed().toList(), layers);
  }

  private static PatternPack pack(SparsePattern layer) {
    return PatternPack.of(List.of(selection(3, Collections.nCopies(LAYERS, layer))));
  }

  @Test
  void patternsOver64kTokensFitBlockByBlock() {
    // Compression looks back 32 KiB, a head, so that equal layers take as much as different ones.
    PatternPack pack = pack(ofATrainedModel(1));
    assertEquals(1, pack.scale());
    assertTrue(pack.text().length() < PatternPack.MOST_CHARACTERS, () -> "" + pack.text().length());
  }

  @Test
  void patternsThatCannotBeCompressedAreCoarser() throws IOException {
    PatternPack pack = pack(random(2));
    assertTrue(pack.scale() > 1);
    assertTrue(pack.text().length() <= PatternPack.MOST_CHARACTERS);
    int cells = PatternPack.cells(TOKENS / BLOCK, pack.scale());
    byte[] shares = unpacked(pack);
    assertEquals(LAYERS * HEADS * cells * cells, shares.length);
    long sum = 0;
    for (byte share : shares) {
      sum += share & 255;
    }
    assertEquals(0.3, sum / (255.0 * shares.length), 0.01);
  }

  @Test
  void selectionsFollowEachOther() {
    BlockGrid grid = BlockGrid.square(1, 3, 100, 10);
    SparsePattern layer = SparsePattern.dense(grid);
    Selection selection = selection(0, List.of(layer, layer));
    PatternPack pack = PatternPack.of(List.of(selection, selection, selection));
    int size = 2 * 3 * 10 * 2; // two layers, three heads, ten columns of ten bits
    assertEquals(List.of(0L, (long) size, 2L * size), pack.offsets());
  }

  @Test
  void nothingTakesNearlyNothing() {
    assertTrue(PatternPack.of(List.of()).text().length() < 50);
  }
}
