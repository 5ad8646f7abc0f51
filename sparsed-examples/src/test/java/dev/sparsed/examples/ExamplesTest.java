package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.pattern.PatternFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example does what it says, and is short. */
class ExamplesTest {

  private static final int[] PROMPT = new Random(1).ints(60, 0, 20).toArray();

  @Test
  void generateTextAnswers() throws IOException {
    assertEquals("Ulla plays the piano.", run(() -> GenerateText.main(new String[0])).strip());
  }

  @Test
  void aConversationHasAnAnswerPerTurn() throws IOException {
    InputStream before = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream(
              "Ulla plays the piano. What does Ulla play?\nAnd who plays it?\n"
                  .getBytes(Charset.defaultCharset())));
      String folder = DemoCheckpoint.folder().toString();
      String printed = run(() -> ChatWithDream.main(new String[] {folder}));
      assertTrue(printed.lines().count() >= 2, printed);
    } finally {
      System.setIn(before);
    }
    assertTrue(run(() -> ChatWithDream.main(new String[0])).contains("Name a checkpoint"));
  }

  @Test
  void theComparisonTellsBothAnswersAndWhatWasRead() throws IOException {
    String printed = run(() -> CompareFullAndSparse.main(new String[0]));
    assertTrue(printed.contains("full: Ulla plays the piano."), printed);
    assertTrue(printed.contains("SparseD: "), printed);
    assertTrue(printed.contains("blocks read: 0."), printed);
    assertTrue(printed.contains(AttentionPhase.SPARSE + ": "), printed);
  }

  @Test
  void theOwnScheduleIsFollowed() throws IOException {
    String printed = run(() -> OwnSchedule.main(new String[0]));
    assertTrue(printed.contains("FULL_AND_SELECT: 4 steps"), printed);
    assertTrue(printed.contains("SPARSE: 28 steps"), printed);
  }

  @Test
  void theOwnCacheAnswersAsNoCacheDoes() throws IOException {
    String printed = run(() -> OwnCachePolicy.main(new String[0]));
    assertTrue(printed.contains("no cache: Magnus keeps a goat."), printed);
    assertTrue(printed.contains("own cache: Magnus keeps a goat."), printed);
    assertTrue(printed.contains(" over a part; "), printed);
  }

  @Test
  void theOwnSamplerNeedsFewerPassesTheLessItAsksFor() throws IOException {
    List<String> printed = run(() -> OwnSampler.main(new String[0])).lines().toList();
    assertEquals(3, printed.size());
    assertTrue(
        printed.stream().allMatch(line -> line.contains("Magnus keeps a goat.")),
        printed.toString());
    List<Integer> passes =
        printed.stream()
            .map(line -> Integer.parseInt(line.replaceAll(".*\\((\\d+).*", "$1")))
            .toList();
    assertTrue(passes.get(0) > passes.get(2), printed.toString());
  }

  @Test
  void patternsAreSavedAndDrawn(@TempDir Path folder) throws IOException {
    String printed = run(() -> SaveAndDrawPatterns.main(new String[] {folder.toString()}));
    assertTrue(printed.contains("layer 0, head 0"), printed);
    int layers = PatternFile.load(folder.resolve("patterns.bin")).size();
    for (int layer = 0; layer < layers; layer++) {
      assertTrue(Files.size(folder.resolve("layer" + layer + ".png")) > 0);
    }
  }

  @Test
  void ownModelsTurnSparse() throws IOException {
    assertTrue(run(() -> OwnModel.main(new String[0])).contains("step 9: SPARSE"));
    assertEquals(2, run(() -> OwnTorchModel.main(new String[0])).lines().count());
  }

  @Test
  void inOwnModelsKeepingEveryBlockChangesNothing() {
    AttentionPolicy everything = AttentionPolicy.sparseD(0.2, 1, 8);
    assertArrayEquals(
        OwnModel.generate(PROMPT, 10, AttentionPolicy.full()),
        OwnModel.generate(PROMPT, 10, everything));
    assertArrayEquals(
        OwnTorchModel.generate(PROMPT, 10, AttentionPolicy.full()),
        OwnTorchModel.generate(PROMPT, 10, everything));
  }

  @Test
  void anOwnSelectorServesAnOwnModel() {
    AttentionPolicy policy =
        new AttentionPolicy(
            SkipSchedule.ratio(0.2), new OwnSelector(), 8, ScoreScale.HEAD_DIMENSION);
    int[] tokens = OwnTorchModel.generate(PROMPT, 10, policy);
    assertTrue(Arrays.stream(tokens).allMatch(token -> token < 20), Arrays.toString(tokens));
  }

  @Test
  void examplesAreShortAndLinked() throws IOException {
    String pages =
        Files.readString(Path.of("../README.md"))
            + Files.readString(Path.of("../docs/examples.md"));
    try (Stream<Path> files = Files.list(Path.of("src/main/java/dev/sparsed/examples"))) {
      List<Path> programs =
          files.filter(file -> !isOfThePlayground(file) && !isPackageInfo(file)).toList();
      for (Path program : programs) {
        assertTrue(Files.readAllLines(program).size() <= 80, program + " is long");
        assertTrue(pages.contains(program.getFileName().toString()), program + " is not linked");
      }
    }
  }

  private static boolean isOfThePlayground(Path file) {
    return file.endsWith("Playground.java") || file.endsWith("Browser.java");
  }

  private static boolean isPackageInfo(Path file) {
    return file.endsWith("package-info.java");
  }

  /** What a program printed. */
  private static String run(Program program) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private interface Program {
    void run() throws IOException;
  }
}
