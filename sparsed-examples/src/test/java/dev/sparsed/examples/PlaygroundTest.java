package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.eval.prompts.LongContext;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.text.TokenizerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaygroundTest {

  private static final Path WITHOUT_TOKENIZER =
      Path.of("..", "sparsed-models/src/test/resources/goldens/checkpoints/tiny-dream");

  @Test
  void drawsWhatThereIsToDraw() {
    try (Playground play = Playground.demo()) {
      String prompt = play.question(200);
      GenerationResult full = play.generate(prompt, AttentionPolicy.full());
      String refused =
          String.valueOf(
              assertThrows(IllegalArgumentException.class, () -> play.picture(full, 0, 0))
                  .getMessage());
      assertTrue(refused.contains("full attention"), refused);
      GenerationResult sparse = play.generate(prompt, AttentionPolicy.sparseD(0.2, 0.3, 32));
      assertTrue(play.picture(sparse, 0, 0).contains("layer 0, head 0"));
      int layers = play.model().config().architecture().layers();
      assertThrows(IllegalArgumentException.class, () -> play.picture(sparse, layers, 0));
    }
  }

  @Test
  void aReportIsAPage() throws IOException {
    System.setProperty("java.awt.headless", "true");
    try (Playground play = Playground.demo()) {
      String prompt = play.question(200);
      GenerationResult sparse = play.generate(prompt, AttentionPolicy.sparseD(0.2, 0.3, 32));
      GenerationResult full = play.generate(prompt, AttentionPolicy.full());
      Path page = play.report(sparse);
      Path both = play.report(sparse, full);
      assertTrue(Files.readString(page).contains("</html>"));
      assertTrue(Files.size(both) > Files.size(page));
      Files.delete(page);
      Files.delete(both);
      try (Playground other = Playground.demo()) {
        assertThrows(IllegalArgumentException.class, () -> other.report(sparse));
      }
    }
  }

  @Test
  void answersEndWhereTheCheckpointSaysSo(@TempDir Path folder) throws IOException {
    try (Stream<Path> files = Files.list(DemoCheckpoint.folder())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    String question = LongContext.shortQuestion().text();
    GenerationResult result;
    int end;
    try (Playground play = Playground.of(folder)) {
      end = play.model().config().tokens().end().orElseThrow();
      result = play.generate(question, AttentionPolicy.full());
      assertFalse(play.answer(result).isEmpty());
    }
    int first = result.generated(0)[0];
    Path config = folder.resolve("config.json"); // which would be asked first
    Files.writeString(config, Files.readString(config).replace("eos_token_id", "unused"));
    Files.writeString(
        folder.resolve("generation_config.json"),
        "{\"eos_token_id\": [" + end + ", " + first + "]}");
    try (Playground play = Playground.of(folder)) {
      assertEquals("", play.answer(result));
    }
  }

  @Test
  void aFolderWithoutTokenizerLeavesNoModelBehind() {
    assertThrows(TokenizerException.class, () -> Playground.of(WITHOUT_TOKENIZER));
    long before = Pointer.totalCount();
    assertThrows(TokenizerException.class, () -> Playground.of(WITHOUT_TOKENIZER));
    // Fewer is no leak: the collector may clear up what earlier tests left.
    assertTrue(Pointer.totalCount() <= before);
  }
}
