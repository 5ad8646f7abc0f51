package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The recorded models know the ids 0 to 319, and 311 is their mask. */
class MaskTokenTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path scratch;

  /** The files in which a tokenizer may name its mask. */
  private static final String TOKENIZER_FILES =
      """
      tokenizer_config.json; {"mask_token":"<|mask|>","added_tokens_decoder":{"310":{"content":"<|mask|>"}}}
      tokenizer_config.json; {"mask_token":{"content":"[M]"},"added_tokens_decoder":{"310":{"content":"[M]"}}}
      tokenizer_config.json; {"added_tokens_decoder":{"310":{"content":"<|mdm_mask|>"}}}
      tokenizer_config.json; {"added_tokens_decoder":{"310":{"content":"<|MASK|>"}}}
      added_tokens.json;     {"<|mask|>":310}
      tokenizer.json;        {"added_tokens":[{"id":310,"content":"<|mask|>"}],"model":{"vocab":{"a":1}}}
      tokenizer.json;        {"model":{"type":"BPE","merges":["a b"],"vocab":{"a":1,"<|mask|>":310}}}
      tokenizer.json;        {"model":{"type":"Unigram","vocab":[%s["<|mask|>",-1.5],["b",0]]}}
      vocab.json;            {"a":1,"<|mdm_mask|>":310}
      """;

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = TOKENIZER_FILES)
  void tokenizerThatContradictsTheConfigurationIsRefused(String file, String content)
      throws IOException {
    for (String golden : List.of("tiny-dream", "tiny-llada")) {
      TinyFolder folder = TinyFolder.of(golden, scratch.resolve(golden)).write(file, text(content));
      String message = folder.refusal();
      assertTrue(message.contains("mask_token_id is 311"), message);
      assertTrue(message.contains("mask token is 310"), message);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = TOKENIZER_FILES)
  void maskThatOnlyTheTokenizerKnowsIsUsed(String file, String content) throws IOException {
    for (String golden : List.of("tiny-dream", "tiny-llada")) {
      TinyFolder folder = TinyFolder.of(golden, scratch.resolve(golden)).write(file, text(content));
      folder.config(json -> json.remove("mask_token_id"));
      assertMask(310, folder);
      folder.config(json -> json.put("mask_token_id", -1));
      assertMask(310, folder);
    }
  }

  /** A token that is written as something else is no reason to look elsewhere in silence. */
  @Test
  void tokensOfTheWrongKindAreNamed() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-dream", scratch);
    folder.write("generation_config.json", "{\"mask_token_id\": \"<|mask|>\"}");
    String message = folder.refusal();
    assertTrue(message.contains("generation_config.json"), message);
    assertTrue(message.contains("mask_token_id must be an integer"), message);
    folder.write("generation_config.json", "{}");
    folder.write("tokenizer_config.json", "{\"mask_token\": 310}");
    try (Checkpoint checkpoint = Checkpoint.open(scratch)) {
      assertTrue(
          checkpoint.verify().get(0).contains("mask_token must be the text of a token"),
          checkpoint.verify().toString());
    }
  }

  @Test
  void generationConfigurationIsHeededAndMustAgree() throws IOException {
    TinyFolder folder =
        TinyFolder.of("tiny-dream", scratch.resolve("model"))
            .write("generation_config.json", "{\"mask_token_id\":309}");
    String message = folder.refusal();
    assertTrue(message.contains("is 311, but generation_config.json says 309"), message);
    folder.config(json -> json.remove("mask_token_id"));
    assertMask(309, folder);
  }

  @Test
  void maskThatAgreesOrIsOneOfSeveralIsAccepted() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-dream", scratch.resolve("model"));
    folder.write("added_tokens.json", "{\"<|mask|>\":311,\"[MASK]\":300}");
    assertMask(311, folder);
    assertEquals(List.of(), folder.warnings());
  }

  @Test
  void tokenThatTheFilesCallTheMaskCountsAlone() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-dream", scratch.resolve("model"));
    folder.write("added_tokens.json", "{\"<|mask|>\":311,\"[M]\":300}");
    folder.write("tokenizer_config.json", "{\"mask_token\":\"[M]\"}");
    assertTrue(folder.refusal().contains("mask token is 300 (\"[M]\")"), folder.refusal());
    folder.write("tokenizer_config.json", "{\"mask_token\":\"[NOWHERE]\"}");
    assertMask(311, folder);
  }

  @Test
  void nothingThatNamesTheMaskIsRefusedWhereThePublishedIdCannotBeMeant() throws IOException {
    TinyFolder folder =
        TinyFolder.of("tiny-llada", scratch.resolve("model"))
            .config(json -> json.remove("mask_token_id"));
    assertTrue(folder.refusal().contains("mask_token_id is missing"));
    folder.write("added_tokens.json", "{\"<|mask|>\":5000}");
    assertTrue(folder.refusal().contains("beyond the 320 tokens"), folder.refusal());
  }

  /** LLaDA's published mask is a word of many other vocabularies. */
  @Test
  void publishedMaskIsNotBelievedWhereItIsAWordOfTheTokenizer() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-llada-gqa", scratch.resolve("model"));
    folder.config(
        json -> {
          json.remove("mask_token_id");
          json.put("vocab_size", 151_936).put("embedding_size", 152_064);
        });
    folder.write("vocab.json", "{\"a\":1,\"word\":126336}");
    String message = Refusal.of(() -> Checkpoint.open(folder.path()).close());
    assertTrue(message.contains("126336 (\"word\") is an ordinary token"), message);
  }

  @Test
  void tokensOfTheTokenizersConfigurationDecide() throws IOException {
    TinyFolder folder = TinyFolder.of("tiny-dream", scratch.resolve("model"));
    folder.config(json -> json.remove("mask_token_id"));
    folder.write("added_tokens.json", "{\"<|mask|>\":308}");
    assertMask(308, folder);
    folder.write("tokenizer.json", "{\"added_tokens\":[{\"id\":309,\"content\":\"<|mask|>\"}]}");
    assertMask(309, folder);
    folder.write(
        "tokenizer_config.json", "{\"added_tokens_decoder\":{\"310\":{\"content\":\"<|mask|>\"}}}");
    assertMask(310, folder);
  }

  @Test
  void tokenizerThatCannotBeReadIsMentioned() throws IOException {
    TinyFolder folder =
        TinyFolder.of("tiny-dream", scratch.resolve("model"))
            .write("tokenizer.json", "{\"model\": ");
    assertEquals(1, folder.warnings().size());
    assertTrue(folder.warnings().get(0).contains("tokenizer.json"), folder.warnings().toString());
  }

  @Test
  void tokenThatAsksForMoreRoomIsMentioned() throws IOException {
    TinyFolder folder =
        TinyFolder.of("tiny-dream", scratch.resolve("model"))
            .write("added_tokens.json", "{\"<|mask|>\":311,\"<|expand|>\":312}");
    assertEquals(1, folder.warnings().size());
    assertTrue(folder.warnings().get(0).contains("<|expand|>"), folder.warnings().toString());
    folder.write("added_tokens.json", "{}").config(json -> json.put("expand_token_id", 312));
    assertEquals(1, folder.warnings().size());
    folder.config(json -> json.remove("expand_token_id"));
    assertEquals(List.of(), folder.warnings());
    folder.write("vocab.json", "{\"<|expand|>\":312}");
    assertEquals(1, folder.warnings().size());
  }

  @Test
  void tokensThatEndATurnAreEndsToo() throws IOException {
    TinyFolder folder =
        TinyFolder.of("tiny-dream", scratch.resolve("model"))
            .write(
                "added_tokens.json", "{\"<|mask|>\":311,\"<|im_end|>\":305,\"<|eot_id|>\":9999}");
    try (Checkpoint checkpoint = Checkpoint.open(folder.path())) {
      List<Integer> ends = checkpoint.generationConfig().endTokens();
      assertEquals(305, ends.get(ends.size() - 1), "the configuration's come first");
      assertTrue(ends.size() > 1 && !ends.contains(9999), ends.toString());
    }
  }

  /** Three hundred and ten pieces before the one that counts. */
  private static String text(String content) {
    return content.replace("%s", "[\"a\",0.5],".repeat(310));
  }

  private static void assertMask(int mask, TinyFolder folder) {
    try (Checkpoint checkpoint = Checkpoint.open(folder.path())) {
      assertEquals(mask, checkpoint.config().maskToken());
      assertEquals(mask, checkpoint.generationConfig().maskToken());
    }
    CheckpointSummary summary = CheckpointSummary.of(folder.path());
    assertEquals(mask, summary.generation().orElseThrow().maskToken());
    assertEquals(List.of(), summary.refusals());
  }
}
