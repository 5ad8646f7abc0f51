package dev.sparsed.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser, used by {@code visitor.js} as a reader would. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReportBrowserTest {

  private Chromium browser;
  private Runs.Run sparse;
  private Report pair;
  private String answer;
  private JsonNode seen;
  private Path folder;

  @BeforeAll
  void visit(@TempDir Path temporary) throws IOException, InterruptedException {
    folder = temporary;
    Optional<Chromium> found = Chromium.find();
    assumeTrue(
        found.isPresent(),
        "there is no chromium, chromium-browser or google-chrome on the PATH to open the page in");
    browser = found.get();
    try (DiffusionModel model = Runs.model()) {
      sparse = Runs.of(model, Runs.request(model, Runs.SPARSE).build());
      Runs.Run full = Runs.of(model, Runs.request(model, AttentionPolicy.full()).build());
      pair = sparse.report().named("SparseD").compare(full.report().named("full"));
      answer = model.answer(sparse.result());
    }
    seen = visit(sparse.report().titled("A <b> & </title>"), 1200, false);
  }

  private JsonNode visit(Report report, int width, boolean dark)
      throws IOException, InterruptedException {
    Path scratch = Files.createTempDirectory(folder, "visit");
    Path page = scratch.resolve("page.html");
    report.write(page);
    String visitor;
    try (InputStream script = ReportBrowserTest.class.getResourceAsStream("visitor.js")) {
      visitor = new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
    Files.writeString(
        page,
        Files.readString(page).replace("<title>", "<script>" + visitor + "</script>\n<title>"));
    String elements = browser.elements(page, width, dark, scratch);
    Matcher note =
        Pattern.compile("<script type=\"text/plain\" id=\"seen\">([A-Za-z0-9+/=]*)</script>")
            .matcher(elements);
    assertTrue(note.find(), "the visitor wrote nothing down");
    return new ObjectMapper().readTree(Base64.getDecoder().decode(note.group(1)));
  }

  private SparsePattern pattern(int layer) {
    return sparse.result().patterns().get(0).get(layer);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private String text(String name) {
    return seen.path(name).asText();
  }

  @Test
  void nothingFails() {
    assertEquals("[]", seen.path("failures").toString());
  }

  @Test
  void numbersAreThoseOfTheResult() {
    JsonNode facts = seen.path("facts");
    assertEquals(
        sparse.result().promptLengths().get(0) + " tokens",
        facts.at("/Prompt/0").asText().replace(",", ""));
    assertEquals(Runs.LENGTH + " tokens", facts.at("/Generated/0").asText());
    assertEquals(String.valueOf(sparse.result().completedSteps()), facts.at("/Steps/0").asText());
    assertEquals(
        percent(sparse.result().density().orElseThrow()),
        facts.path("Blocks read in sparse steps").path(0).asText());
    assertEquals(sparse.result().phases().size(), seen.path("phases").size());
    for (JsonNode row : seen.path("phases")) {
      AttentionPhase phase =
          switch (row.path(0).asText()) {
            case "full" -> AttentionPhase.FULL;
            case "full, selects" -> AttentionPhase.FULL_AND_SELECT;
            case "sparse" -> AttentionPhase.SPARSE;
            default -> AttentionPhase.SPARSE_AND_SELECT;
          };
      GenerationResult.PhaseUse use = sparse.result().phase(phase);
      assertEquals(use.steps(), row.path(1).asInt());
      assertEquals(use.forwardPasses(), row.path(2).asInt());
    }
  }

  @Test
  void theTextIsTheModels() {
    assertEquals(answer, text("answer"));
    assertEquals(Runs.LENGTH, seen.path("tokens").size());
    assertEquals("A <b> & </title>", text("title"));
  }

  @Test
  void playingAndDraggingChangeWhatIsDrawn() {
    int three =
        sparse.recording().steps().subList(0, 3).stream()
            .mapToInt(step -> step.decided().get(0).length)
            .sum();
    assertEquals(three, seen.path("decidedAfterThree").asInt());
    assertEquals("step 3 of " + sparse.result().completedSteps(), text("stepText"));
    assertEquals(0, seen.path("decidedAtStart").asInt());
    assertEquals("Pause", text("playing"));
    int decided = Runs.LENGTH - sparse.result().openPositions().get(0);
    assertEquals(decided, seen.path("decidedAtEnd").asInt());
    assertEquals(decided, seen.path("decidedAfterPlaying").asInt());
    assertTrue(seen.path("decidedWhilePlaying").asInt() > 0);
    assertTrue(seen.path("decidedWhilePlaying").asInt() < decided);
    assertNotEquals(text("timelineAtEnd"), text("timelineAfterThree"));
    assertNotEquals(text("timesAtEnd"), text("timesAfterThree"));
    assertNotEquals(text("timelineAtEnd"), text("timelineBySure"));
    assertTrue(text("tokenNote").contains("decided in step"), text("tokenNote"));
  }

  @Test
  void choosingAHeadChangesWhatIsDrawn() {
    assertNotEquals(text("map"), text("otherMap"));
    assertEquals(
        "Layer 0, head 0: " + percent(pattern(0).head(0).density()) + " of the blocks",
        text("mapTitle"));
    assertEquals(
        "Layer 0, head 1: " + percent(pattern(0).head(1).density()) + " of the blocks",
        text("otherMapTitle"));
    assertEquals(
        "Layer 1, head 1: " + percent(pattern(1).head(1).density()) + " of the blocks",
        text("layerTitle"));
    assertTrue(text("overviewTitle").startsWith("Layer 2, head 1:"), text("overviewTitle"));
    for (int head = 0; head < pattern(0).grid().heads(); head++) {
      assertEquals(
          head + ": " + percent(pattern(0).head(head).density()),
          seen.path("heads").path(head).asText());
    }
  }

  @Test
  void aBlockSaysWhatItIs() {
    BlockGrid grid = pattern(1).grid();
    int row = sparse.result().promptLengths().get(0) / grid.blockSize();
    String what = pattern(1).contains(0, 1, row, 0) ? "reads" : "skips";
    assertEquals(
        String.format(
            Locale.ROOT,
            "Query block %d %s key block 0; it reads %d of %d key blocks.",
            row,
            what,
            pattern(1).count(grid.row(0, 1, row)),
            grid.keyBlocks()),
        text("firstColumn"));
    assertNotEquals(text("corner"), text("firstColumn"));
    assertTrue(text("keyText").contains("Anna lives"), text("keyText"));
    assertTrue(text("queryText").contains("lamp") || !text("queryText").isEmpty());
  }

  @Test
  void headsAreCompared() {
    double overlap = pattern(1).head(1).overlap(pattern(1).head(2));
    assertEquals(
        "Overlap with head 2: " + percent(overlap) + " (blocks of both over blocks of either)",
        text("overlap"));
    assertEquals(2, seen.path("maps").size());
    assertNotEquals(seen.at("/maps/0"), seen.at("/maps/1"));
  }

  @Test
  void whatCanBeUsedHasAName() {
    assertEquals("[]", seen.path("nameless").toString());
  }

  @Test
  void twoRunsFitANarrowWindowInDarkColours() throws IOException, InterruptedException {
    JsonNode narrow = visit(pair, 500, true);
    assertEquals("[]", narrow.path("failures").toString());
    assertTrue(narrow.path("tooWide").asInt() <= 0, narrow.path("tooWide").toString());
    assertNotEquals(text("background"), narrow.path("background").asText());
    assertEquals(2, narrow.path("facts").path("Steps").size());
    assertEquals(
        List.of(percent(sparse.result().density().orElseThrow()), "all: full attention"),
        List.of(
            narrow.path("facts").path("Blocks read in sparse steps").path(0).asText(),
            narrow.path("facts").path("Blocks read in sparse steps").path(1).asText()));
  }

  @Test
  void layersMayHaveOtherBlocks() throws IOException, InterruptedException {
    try (DiffusionModel model = Runs.model()) {
      AttentionPolicy fine = AttentionPolicy.sparseD(0.2, 0.3, 16);
      AttentionPolicy mixed =
          AttentionPolicy.perLayer(layer -> layer % 2 == 0 ? fine : Runs.SPARSE);
      Runs.Run run = Runs.of(model, Runs.request(model, mixed).build());
      JsonNode page = visit(run.report().named("mixed").compare(sparse.report()), 1200, false);
      assertEquals("[]", page.path("failures").toString());
      SparsePattern second = run.result().patterns().get(0).get(2);
      assertEquals(
          "Layer 2, head 1: " + percent(second.head(1).density()) + " of the blocks",
          page.path("layerTitle").asText());
    }
  }

  /** Its pattern is of the block's own queries, which are not the sequence's first. */
  @Test
  void queriesOfASingleBlockStandWhereTheBlockDoes() throws IOException, InterruptedException {
    Path sdar = Path.of("../sparsed-models/src/test/resources/goldens-qwen/sdar");
    try (DiffusionModel causal = DiffusionModel.load(sdar)) {
      GenerationRequest request =
          GenerationRequest.builder()
              .prompt(IntStream.range(0, 50).toArray())
              .generationLength(8)
              .attention(AttentionPolicy.sparseD(0, 0.3, 16))
              .sparsity(Sparsity.ALWAYS)
              .build();
      JsonNode page = visit(Runs.of(causal, request).report(), 1200, false);
      assertEquals("[]", page.path("failures").toString());
      assertEquals(
          "Query block 0: tokens 48 to 51, prompt and generation",
          page.at("/blockTitles/1").asText());
    }
  }
}
