package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.text.Tokenizer;
import dev.sparsed.text.TokenizerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandInTokenizerTest {

  private static final ModelConfig DREAM_7B = ModelConfig.of(ModelTemplate.of("dream-7b"));
  private static final ModelConfig LLADA_8B = ModelConfig.of(ModelTemplate.of("llada-8b"));

  @Test
  void hasTheSpecialTokensOfTheCheckpoint(@TempDir Path folder) throws IOException {
    List<ModelConfig> configs = List.of(DREAM_7B, LLADA_8B);
    for (int i = 0; i < configs.size(); i++) {
      Path target = Files.createDirectory(folder.resolve("checkpoint" + i));
      StandInTokenizer.write(configs.get(i), target);
      try (Tokenizer tokenizer = Tokenizer.load(target)) {
        assertEquals(configs.get(i).maskToken(), tokenizer.maskId().orElseThrow());
        assertEquals(configs.get(i).tokens().end(), tokenizer.endOfTextId());
        assertArrayEquals(
            new int[] {configs.get(i).maskToken()},
            tokenizer.encode(DemoTokenizer.MASK, Tokenizer.SpecialTokens.AS_WRITTEN));
        int[] tokens =
            tokenizer.encode("Where does Mara live?", Tokenizer.SpecialTokens.AS_WRITTEN);
        assertEquals("Where does Mara live?", tokenizer.decode(tokens, true));
      }
    }
  }

  @Test
  void leavesATokenizerThatTheModelCanUse(@TempDir Path folder) throws IOException {
    ModelConfig config = DREAM_7B;
    assertTrue(StandInTokenizer.isNeeded(config, folder.resolve("missing")));
    assertTrue(StandInTokenizer.isNeeded(config, folder));
    StandInTokenizer.write(config, folder);
    assertFalse(StandInTokenizer.isNeeded(config, folder));
    String tooMany =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> StandInTokenizer.isNeeded(LLADA_8B, folder))
                .getMessage());
    assertTrue(tooMany.contains("has only"), tooMany);
    Files.delete(folder.resolve("tokenizer.json"));
    assertThrows(TokenizerException.class, () -> StandInTokenizer.isNeeded(config, folder));
  }
}
