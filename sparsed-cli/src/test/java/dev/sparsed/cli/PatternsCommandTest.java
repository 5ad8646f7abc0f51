package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.eval.chart.ChartSheet;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.PatternFile;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternsCommandTest {

  @TempDir private Path folder = Path.of("");

  /** With a short prompt and few steps, so that it takes no time. */
  private Invocation patterns(String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of("patterns", "--output", folder.resolve("out").toString(), "--threads", "1"));
    all.addAll(List.of("-p", "1k", "-n", "32", "--steps", "32"));
    all.addAll(List.of(arguments));
    return Invocation.of(all.toArray(new String[0]));
  }

  private static JsonNode json(Invocation invocation) throws IOException {
    assertEquals(0, invocation.exitCode(), invocation.err());
    return new ObjectMapper().readTree(invocation.out());
  }

  @Test
  void drawsOnTheTerminalAndSavesPicturesAndPatterns() throws IOException {
    Invocation invocation = patterns();
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(invocation.out().contains("layer 3, head 0: "), invocation.out());
    assertTrue(invocation.out().contains("┌"), invocation.out());
    assertTrue(invocation.out().contains("generation from 1024"), invocation.out());
    invocation.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    SortedMap<Integer, SparsePattern> saved = PatternFile.load(folder.resolve("out/patterns.spd"));
    assertEquals(4, saved.size());
    assertEquals(32, saved.values().iterator().next().grid().blockSize());
    for (int layer = 0; layer < 4; layer++) {
      Path picture = folder.resolve("out/layer-0" + layer + ".png");
      assertTrue(ImageIO.read(picture.toFile()).getWidth() > 400);
    }
    // The generation ends with the step that chooses: the seventh of 32.
    assertTrue(invocation.err().contains("step 8/32"), invocation.err());
    assertFalse(invocation.err().contains("step 9/32"), invocation.err());
  }

  @Test
  void oneHeadOfOneLayerAndItsScores() throws IOException {
    JsonNode report =
        json(patterns("--layer", "1", "--head", "2", "--scores", "--block_size", "64", "--json"));
    assertEquals(64, report.path("block_size").intValue());
    assertEquals(4, report.path("layers").size());
    assertEquals(3, report.path("layers").path(0).path("heads").size());
    assertTrue(Files.exists(folder.resolve("out/layer-01-head-02.png")));
    assertTrue(Files.exists(folder.resolve("out/layer-01-head-02-scores.png")));
    assertFalse(Files.exists(folder.resolve("out/layer-00.png")));
    assertEquals(3, report.path("files").size());
  }

  @Test
  void scoresDoNotChangeWhatIsChosen() throws IOException {
    patterns();
    SortedMap<Integer, SparsePattern> plain = PatternFile.load(folder.resolve("out/patterns.spd"));
    patterns("--scores");
    assertEquals(plain, PatternFile.load(folder.resolve("out/patterns.spd")));
  }

  @Test
  void comparesWithOtherSteps() throws IOException {
    JsonNode rows = json(patterns("--compare", "steps", "--json")).path("comparisons").path(0);
    assertEquals(4, rows.path("rows").size());
    JsonNode first = rows.path("rows").path(0);
    assertEquals(1, first.path("step 7").doubleValue());
    for (String step : List.of("step 0", "step 15", "step 23", "step 31")) {
      double overlap = first.path(step).doubleValue();
      assertTrue(overlap > 0.2 && overlap < 1, step + ": " + overlap);
    }
  }

  @Test
  void comparesHeads() {
    Invocation invocation = patterns("--compare", "heads", "--layer", "2");
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(invocation.out().contains("Overlap of the heads of layer 2:"), invocation.out());
    assertTrue(invocation.out().contains(" 100%"), invocation.out());
    assertFalse(invocation.out().contains("heads of layer 1"), invocation.out());
  }

  @Test
  void comparesRunsAndSavedPatterns() throws IOException {
    Invocation same = patterns("--compare", "runs");
    assertTrue(same.out().contains("Both chose the same blocks"), same.out());
    Path first = Files.move(folder.resolve("out/patterns.spd"), folder.resolve("first.spd"));
    JsonNode rows =
        json(patterns("--select", "0.5", "--compare", "runs", "--with", first + "", "--json"))
            .path("comparisons")
            .path(0)
            .path("rows");
    assertTrue(rows.path(0).path("all heads").doubleValue() < 0.9, rows.toString());
    Invocation saved =
        patterns("--saved", first + "", "--compare", "runs", "--with", first + "", "--head", "1");
    assertEquals(0, saved.exitCode(), saved.err());
    assertEquals("", saved.err());
    assertTrue(saved.out().contains("first.spd, layer 3, head 1"), saved.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          --layer 4;           --layer must be 0 to 3 but is 4
          --head -1;           --head must be 0 to 2 but is -1
          --compare tails;     tails
          --with a;            --with has no meaning without --compare runs
          --select 2;          --select must be 0 to 1 but is 2
          --block_size 0;      --block_size must be at least 1 but is 0
          --saved there.spd;   there.spd is not there
          """)
  void saysWhatIsWrong(String arguments, String message) {
    Invocation invocation = patterns(arguments.split(" ", -1));
    assertFalse(invocation.exitCode() == 0);
    assertTrue(invocation.err().contains(message), invocation.err());
    assertEquals("", invocation.out());
    assertFalse(invocation.err().contains("step 1/"), invocation.err());
  }

  @Test
  void tellsWhatShareOfTheAttentionBlocksHold() throws IOException {
    JsonNode root = json(patterns("--mass", "--json"));
    JsonNode tables = root.path("comparisons");
    assertEquals(4, tables.size());
    for (JsonNode table : tables) {
      JsonNode rows = table.path("rows");
      assertEquals(7, rows.size(), "three heads, each selected and near, and random blocks");
      JsonNode random = rows.get(6);
      for (int head = 0; head < 3; head++) {
        JsonNode selected = rows.get(2 * head);
        double before = 0;
        for (double share : AttentionMass.SHARES) {
          String column = String.format(Locale.ROOT, "%.2f", share);
          double held = selected.path(column).asDouble();
          assertTrue(held >= before && held < 1.0001, table::toString);
          assertTrue(held > random.path(column).asDouble(), table::toString);
          before = held;
        }
      }
    }
    BufferedImage chart = ImageIO.read(folder.resolve("out/mass.png").toFile());
    for (int panel = 0; panel < 4; panel++) {
      BufferedImage part =
          chart.getSubimage(
              panel * chart.getWidth() / 4, 0, chart.getWidth() / 4, chart.getHeight());
      long colours =
          IntStream.of(
                  part.getRGB(0, 0, part.getWidth(), part.getHeight(), null, 0, part.getWidth()))
              .distinct()
              .filter(ChartSheet.COLOURS.stream().map(Color::getRGB).toList()::contains)
              .count();
      assertEquals(3, colours, "a colour for each head");
    }
  }

  @Test
  void tellsTheSharesWhereTheyCannotBeDrawn() throws IOException {
    Files.createDirectories(folder.resolve("out/mass.png"));
    Invocation invocation = patterns("--mass", "--json");
    assertEquals(1, invocation.exitCode(), invocation.out());
    assertTrue(invocation.err().contains("mass.png"), invocation.err());
    JsonNode root = new ObjectMapper().readTree(invocation.out());
    assertEquals(4, root.path("comparisons").size(), invocation.out());
    assertFalse(root.path("files").toString().contains("mass.png"), invocation.out());
  }

  @Test
  void nearBlocksAreAsManyAroundTheQuerysOwn() {
    BlockGrid grid = BlockGrid.square(1, 1, 40, 8);
    SparsePatternBuilder three = SparsePattern.builder(grid);
    for (int row = 0; row < grid.rows(); row++) {
      three.setRange(row, 0, 3);
    }
    SparsePattern near = AttentionMass.nearest(three.build());
    assertArrayEquals(new int[] {0, 1, 2}, near.keyBlocks(0));
    assertArrayEquals(new int[] {1, 2, 3}, near.keyBlocks(2));
    assertArrayEquals(new int[] {2, 3, 4}, near.keyBlocks(4));
  }
}
