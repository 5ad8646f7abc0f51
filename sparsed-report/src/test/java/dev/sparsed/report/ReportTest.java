package dev.sparsed.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.SlidingWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReportTest {

  private DiffusionModel model;
  private Runs.Run sparse;
  private Runs.Run full;
  private Path folder;

  @BeforeAll
  void generate(@TempDir Path temporary) {
    folder = temporary;
    model = Runs.model();
    sparse = Runs.of(model, Runs.request(model, Runs.SPARSE).build());
    full = Runs.of(model, Runs.request(model, AttentionPolicy.full()).build());
  }

  @AfterAll
  void close() {
    model.close();
  }

  private WrittenPage written(Report report) throws IOException {
    Path file = folder.resolve("report.html");
    report.write(file);
    return WrittenPage.of(file);
  }

  @Test
  void numbersAreThoseOfTheResult() throws IOException {
    JsonNode run = written(sparse.report()).content().path("runs").path(0);
    GenerationResult result = sparse.result();
    assertEquals(result.completedSteps(), run.path("completedSteps").asInt());
    assertEquals(result.time().toNanos() / 1e9, run.path("seconds").asDouble());
    assertEquals(result.density().orElseThrow(), run.path("density").asDouble());
    assertEquals(result.sparsity().reason(), run.path("reason").asText());
    assertEquals(result.phases().size(), run.path("phases").size());
    for (JsonNode phase : run.path("phases")) {
      GenerationResult.PhaseUse use =
          result.phase(
              AttentionPhase.valueOf(phase.path("phase").asText().toUpperCase(Locale.ROOT)));
      assertEquals(use.steps(), phase.path("steps").asInt());
      assertEquals(use.forwardPasses(), phase.path("forwardPasses").asInt());
      assertEquals(use.time().toNanos() / 1e9, phase.path("seconds").asDouble());
    }
    assertEquals(result.completedSteps(), run.path("steps").size());
  }

  @Test
  void decisionsAreThoseOfTheSteps() throws IOException {
    JsonNode sequence = written(sparse.report()).content().at("/runs/0/sequences/0");
    int prompt = sparse.result().promptLengths().get(0);
    assertEquals(prompt, sequence.path("promptLength").asInt());
    assertEquals(Runs.LENGTH, sequence.path("decided").size());
    for (int step = 0; step < sparse.recording().steps().size(); step++) {
      Step recorded = sparse.recording().steps().get(step);
      int[] positions = recorded.decided().get(0);
      for (int i = 0; i < positions.length; i++) {
        int index = positions[i] - prompt;
        assertEquals(step, sequence.path("decided").path(index).asInt());
        double chance = recorded.chances().get(0)[i];
        JsonNode shown = sequence.path("chances").path(index);
        assertEquals(Double.isNaN(chance), shown.isNull());
        if (!Double.isNaN(chance)) {
          assertEquals(chance, shown.asDouble(), 1e-6);
        }
      }
    }
  }

  @Test
  void theTextIsTheModels() throws IOException {
    JsonNode content = written(sparse.report()).content();
    JsonNode sequence = content.at("/runs/0/sequences/0");
    StringBuilder text = new StringBuilder();
    int prompt = sequence.path("promptLength").asInt();
    for (int i = prompt; i < sequence.path("tokens").size(); i++) {
      text.append(content.path("pieces").path(sequence.path("tokens").path(i).asInt()).asText());
    }
    assertEquals(model.tokenizer().decode(sparse.result().generated(0), false), text.toString());
  }

  @Test
  void blocksAreThoseOfThePatterns() throws IOException {
    WrittenPage page = written(sparse.report());
    JsonNode selection = page.content().at("/runs/0/sequences/0/selections/0");
    byte[] bits = page.bits();
    assertEquals(1, selection.path("scale").asInt());
    int step = selection.path("step").asInt();
    assertTrue(sparse.recording().steps().get(step).phase().selects());
    int columnBytes = (selection.path("rows").asInt() + 7) / 8;
    int at = 0;
    int layer = 0;
    for (SparsePattern pattern : sparse.result().patterns().get(0)) {
      int n = pattern.grid().keyBlocks();
      for (int head = 0; head < pattern.grid().heads(); head++) {
        assertEquals(
            pattern.head(head).density(),
            selection.path("densities").path(layer).path(head).asDouble(),
            1e-6);
        for (int column = 0; column < n; column++) {
          for (int row = 0; row < pattern.grid().queryBlocks(); row++) {
            boolean read = (bits[at + column * columnBytes + row / 8] >> row % 8 & 1) == 1;
            assertEquals(pattern.contains(0, head, row, column), read);
          }
        }
        at += n * columnBytes;
      }
      layer++;
    }
    assertEquals(bits.length, at);
  }

  @Test
  void overlapsAreThoseOfThePatterns() throws IOException {
    JsonNode selection = written(sparse.report()).content().at("/runs/0/sequences/0/selections/0");
    SparsePattern pattern = sparse.result().patterns().get(0).get(1);
    int pair = 0;
    for (int a = 0; a < pattern.grid().heads(); a++) {
      for (int b = a + 1; b < pattern.grid().heads(); b++) {
        assertEquals(
            pattern.head(a).overlap(pattern.head(b)),
            selection.path("headOverlaps").path(1).path(pair++).asDouble(),
            1e-6);
      }
    }
  }

  @Test
  void twoRunsAreSideBySide() throws IOException {
    Runs.Run other =
        Runs.of(model, Runs.request(model, AttentionPolicy.sparseD(0.5, 0.3, 32)).build());
    JsonNode content =
        written(sparse.report().named("one").compare(other.report().named("two"))).content();
    assertEquals("one", content.at("/runs/0/name").asText());
    assertEquals("two", content.at("/runs/1/name").asText());
    JsonNode overlap = content.path("overlaps").path(0);
    assertEquals("[0,0]", overlap.path("a").toString());
    assertEquals("[1,0]", overlap.path("b").toString());
    SparsePattern a = sparse.result().patterns().get(0).get(2);
    SparsePattern b = other.result().patterns().get(0).get(2);
    assertEquals(a.head(1).overlap(b.head(1)), overlap.at("/shares/2/1").asDouble(), 1e-6);
  }

  @Test
  void fullAttentionHasNoPatterns() throws IOException {
    WrittenPage page = written(full.report());
    assertEquals(0, page.content().at("/runs/0/sequences/0/selections").size());
    assertTrue(page.content().at("/runs/0/density").isNull());
    assertEquals(0, page.bits().length);
  }

  @Test
  void patternsWithoutScoresAreShown() throws IOException {
    Runs.Run window =
        Runs.of(
            model,
            Runs.request(model, AttentionPolicy.fixedPattern(new SlidingWindow(4, 1), 32)).build());
    JsonNode selection = written(window.report()).content().at("/runs/0/sequences/0/selections/0");
    assertTrue(selection.path("step").isNull());
    assertEquals(
        window.result().patterns().get(0).get(0).head(0).density(),
        selection.at("/densities/0/0").asDouble(),
        1e-6);
  }

  @Test
  void keysMayBeCutSmallerThanQueries() throws IOException {
    AttentionPolicy policy =
        new AttentionPolicy(
            (step, total) -> step < 4 ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.SPARSE,
            new IsolatedTopK(0.3),
            new BlockShape(32, 8),
            ScoreScale.PUBLISHED);
    Runs.Run run = Runs.of(model, Runs.request(model, policy).build());
    WrittenPage page = written(run.report());
    JsonNode selections = page.content().at("/runs/0/sequences/0/selections");
    assertEquals(4, selections.size());
    assertEquals(6, page.content().path("overlaps").size());
    JsonNode last = selections.path(3);
    SparsePattern pattern = run.result().patterns().get(0).get(0);
    assertEquals(32, last.path("queryBlock").asInt());
    assertEquals(8, last.path("keyBlock").asInt());
    assertEquals(pattern.grid().queryBlocks(), last.path("rows").asInt());
    assertEquals(pattern.grid().keyBlocks(), last.path("columns").asInt());
    int columnBytes = (pattern.grid().queryBlocks() + 7) / 8;
    byte[] bits = page.bits();
    for (int column = 0; column < pattern.grid().keyBlocks(); column++) {
      for (int row = 0; row < pattern.grid().queryBlocks(); row++) {
        int at = last.path("offset").asInt() + column * columnBytes + row / 8;
        assertEquals(pattern.contains(0, 0, row, column), (bits[at] >> row % 8 & 1) == 1);
      }
    }
  }

  /** Their grids differ, and so do the steps in which they select. */
  @Test
  void layersMayHaveOtherBlocksAndSelectInOtherSteps() throws IOException {
    AttentionPolicy coarse = Runs.SPARSE;
    AttentionPolicy fine = AttentionPolicy.sparseD(0.2, 0.3, 16);
    AttentionPolicy late = AttentionPolicy.sparseD(0.5, 0.3, 32);
    Runs.Run run =
        Runs.of(
            model,
            Runs.request(
                    model,
                    AttentionPolicy.perLayer(
                        layer -> layer == 0 ? fine : layer == 1 ? late : coarse))
                .build());
    WrittenPage page = written(run.report().compare(sparse.report()));
    JsonNode selections = page.content().at("/runs/0/sequences/0/selections");
    assertEquals(3, selections.size());
    int layers = run.result().patterns().get(0).size();
    assertEquals("[0]", selections.at("/0/numbers").toString());
    assertEquals(16, selections.at("/0/keyBlock").asInt());
    assertEquals(
        IntStream.range(2, layers).boxed().toList().toString().replace(" ", ""),
        selections.at("/1/numbers").toString());
    assertEquals("[1]", selections.at("/2/numbers").toString());
    assertEquals(selections.at("/0/step").asInt(), selections.at("/1/step").asInt());
    assertTrue(selections.at("/2/step").asInt() > selections.at("/1/step").asInt());
    for (JsonNode selection : selections) {
      for (int i = 0; i < selection.path("numbers").size(); i++) {
        SparsePattern pattern =
            run.result().patterns().get(0).get(selection.path("numbers").path(i).asInt());
        assertEquals(pattern.grid().queryBlocks(), selection.path("rows").asInt());
        assertEquals(
            pattern.head(0).density(),
            selection.path("densities").path(i).path(0).asDouble(),
            1e-6);
      }
    }
    assertEquals(0, page.content().path("overlaps").size());
  }

  /** Each selects for the queries of one block, over the keys up to its end. */
  @Test
  void patternsOfSingleBlocksAreShown() throws IOException {
    Path sdar = Path.of("../sparsed-models/src/test/resources/goldens-qwen/sdar");
    try (DiffusionModel causal = DiffusionModel.load(sdar)) {
      Runs.Run run =
          Runs.of(
              causal,
              GenerationRequest.builder()
                  .prompt(IntStream.range(0, 50).toArray())
                  .generationLength(8)
                  .attention(AttentionPolicy.sparseD(0, 0.3, 16))
                  .sparsity(Sparsity.ALWAYS)
                  .build());
      JsonNode selections = written(run.report()).content().at("/runs/0/sequences/0/selections");
      assertTrue(selections.size() > 1, selections::toString);
      int block = causal.config().architecture().causalBlock().orElseThrow();
      for (JsonNode selection : selections) {
        assertEquals("[0,1]", selection.path("numbers").toString());
        assertTrue(selection.path("queryTokens").asInt() <= block);
        assertTrue(selection.path("keyTokens").asInt() > 50);
      }
    }
  }

  @Test
  void nothingOfATextIsMarkup() throws IOException {
    String hostile = "</script><script>alert(1)</script><!-- \u2028 &amp; ${json}";
    Runs.Run run =
        Runs.of(
            model,
            model.ask(hostile).generationLength(32).steps(32).sparsity(Sparsity.NEVER).build());
    WrittenPage page = written(run.report().titled(hostile).named(hostile));
    assertFalse(page.html().contains("alert(1)</script>"));
    assertFalse(page.html().contains("<!--"));
    assertTrue(page.html().contains("&lt;script&gt;alert(1)"));
    assertEquals(hostile, page.content().path("title").asText());
    assertEquals(hostile, page.content().at("/runs/0/name").asText());
  }

  @Test
  void thePageNamesNothingToLoad() throws IOException {
    String html = written(sparse.report()).html();
    assertTrue(html.contains("default-src 'none'"));
    assertFalse(html.contains("http://"));
    assertFalse(html.contains("https://"));
  }

  @Test
  void aBatchIsShownSequenceBySequence() throws IOException {
    Runs.Run batch =
        Runs.of(
            model,
            Runs.request(model, Runs.SPARSE).prompt(IntStream.range(10, 300).toArray()).build());
    WrittenPage page = written(batch.report());
    JsonNode sequences = page.content().at("/runs/0/sequences");
    assertEquals(2, sequences.size());
    for (int i = 0; i < 2; i++) {
      assertEquals(
          batch.result().promptLengths().get(i), sequences.path(i).path("promptLength").asInt());
      assertEquals(1, sequences.path(i).path("selections").size());
    }
    assertTrue(sequences.at("/1/selections/0/offset").asInt() > 0);
  }

  @Test
  void aListenerBehindTheRecordingDecides() throws IOException {
    Recording recording = new Recording(progress -> GenerationListener.Reaction.STOP);
    GenerationResult result = model.generate(Runs.request(model, Runs.SPARSE).build(), recording);
    assertTrue(result.cancelled());
    JsonNode content = written(Report.of(model, recording, result)).content();
    assertEquals(1, content.at("/runs/0/steps").size());
    assertTrue(content.at("/runs/0/cancelled").asBoolean());
    assertTrue(content.at("/runs/0/sequences/0/tokens").toString().contains("-1"));
  }

  @Test
  void aRecordingHoldsTheLatestGeneration() {
    Recording recording = new Recording();
    model.generate(Runs.request(model, Runs.SPARSE).build(), recording);
    GenerationResult again =
        model.generate(Runs.request(model, Runs.SPARSE).steps(8).build(), recording);
    assertEquals(again.completedSteps(), recording.steps().size());
    assertEquals(again.patterns().get(0), recording.selections(0).get(0).layers());
  }

  @Test
  void whatDoesNotBelongTogetherIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Report.of(model, new Recording(), sparse.result()));
    Report two = sparse.report().compare(full.report());
    assertThrows(IllegalArgumentException.class, () -> two.compare(full.report()));
    assertThrows(IllegalArgumentException.class, () -> two.named("both"));
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    Path missing = folder.resolve("nowhere/report.html");
    IOException e = assertThrows(IOException.class, () -> sparse.report().write(missing));
    assertTrue(e.toString().contains("nowhere"), e.toString());
    assertFalse(Files.exists(missing));
  }
}
