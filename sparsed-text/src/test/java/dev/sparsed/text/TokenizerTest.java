package dev.sparsed.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenizerTest {

  private static final Path LLADA =
      Path.of("../sparsed-models/src/test/resources/goldens/tokenizers/llada");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  private static ObjectNode llada() throws Exception {
    return (ObjectNode) JSON.readTree(LLADA.resolve("tokenizer.json").toFile());
  }

  private String refusal() {
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.load(folder));
    return String.valueOf(e.getMessage());
  }

  private void refused(String file, String part) {
    String message = refusal();
    assertTrue(message.contains(file) && message.contains(part), message);
  }

  /** A byte-level vocabulary of all bytes and a few merges. */
  private void writeSmall(String config) throws Exception {
    ObjectNode vocabulary = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> token : llada().path("model").path("vocab").properties()) {
      if (token.getKey().length() == 1) {
        vocabulary.put(token.getKey(), vocabulary.size());
      }
    }
    vocabulary.put("ab", vocabulary.size()).put("abab", vocabulary.size() + 1);
    write("vocab.json", vocabulary.toString());
    write("merges.txt", "#version: 0.2\na b\nab ab\n");
    write("tokenizer_config.json", config);
  }

  @Test
  void readsTheRolesOfSpecialTokens() {
    try (Tokenizer tokenizer = Tokenizer.load(LLADA)) {
      assertEquals(OptionalInt.of(9), tokenizer.maskId());
      assertEquals(OptionalInt.of(0), tokenizer.beginOfTextId());
      assertEquals(OptionalInt.of(1), tokenizer.endOfTextId());
      assertEquals(OptionalInt.of(1), tokenizer.paddingId());
      assertEquals(1500, tokenizer.vocabularySize());
      assertEquals(OptionalInt.empty(), tokenizer.tokenId("<|nothing|>"));
      assertTrue(tokenizer.chatTemplate().isPresent());
      assertFalse(tokenizer.chatTemplate("tool_use").isPresent());
    }
  }

  @Test
  void namesTheFilesThatAFolderHolds() throws Exception {
    assertEquals(List.of(), Tokenizer.files(folder.resolve("missing")));
    write("config.json", "{}");
    assertEquals(List.of(), Tokenizer.files(folder));
    write("merges.txt", "");
    write("chat_template.jinja", "");
    assertEquals(
        List.of(folder.resolve("merges.txt"), folder.resolve("chat_template.jinja")),
        Tokenizer.files(folder));
  }

  @Test
  void encodesNothingAsNothingAndSurvivesOddText() {
    try (Tokenizer tokenizer = Tokenizer.load(LLADA)) {
      assertArrayEquals(new int[0], tokenizer.encode("", Tokenizer.SpecialTokens.ADD));
      assertEquals("", tokenizer.decode(new int[0], false));
      for (String text : List.of("a\u0000b", "\uFEFFx", "🙂\u200D\uFE0F", "a\u2028b", "\uE000")) {
        assertEquals(
            text, tokenizer.decode(tokenizer.encode(text, Tokenizer.SpecialTokens.ADD), false));
      }
      String half = "🙂\uD800🙂";
      assertEquals(
          "🙂\uFFFD🙂",
          tokenizer.decode(tokenizer.encode(half, Tokenizer.SpecialTokens.ADD), false));
    }
  }

  @Test
  void ignoresIdsBeyondTheVocabularyAndRefusesNegativeOnes() {
    try (Tokenizer tokenizer = Tokenizer.load(LLADA)) {
      assertEquals("A", tokenizer.decode(new int[] {42, 1500, Integer.MAX_VALUE}, false));
      assertThrows(
          IllegalArgumentException.class, () -> tokenizer.decode(new int[] {42, -1}, false));
    }
  }

  @Test
  void refusesTextsOnWhichTheNativeCodeWouldGiveUp() {
    try (Tokenizer tokenizer = Tokenizer.load(LLADA)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> tokenizer.encode(" ".repeat(11_000_000), Tokenizer.SpecialTokens.ADD));
      String blanks = " ".repeat(500_000) + "x";
      assertEquals(
          blanks, tokenizer.decode(tokenizer.encode(blanks, Tokenizer.SpecialTokens.ADD), false));
    }
  }

  @Test
  void servesManyThreadsUntilItIsClosed() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    Tokenizer tokenizer = Tokenizer.load(LLADA);
    try {
      String text = "The quick brown fox. ".repeat(50);
      int[] expected = tokenizer.encode(text, Tokenizer.SpecialTokens.ADD);
      Callable<Boolean> work =
          () -> {
            for (int i = 0; i < 50; i++) {
              assertArrayEquals(expected, tokenizer.encode(text, Tokenizer.SpecialTokens.ADD));
              assertEquals(text, tokenizer.decode(expected, true));
            }
            return true;
          };
      for (Future<Boolean> done : threads.invokeAll(List.of(work, work, work, work))) {
        assertTrue(done.get());
      }
      tokenizer.close();
      assertThrows(
          IllegalStateException.class, () -> tokenizer.encode("a", Tokenizer.SpecialTokens.ADD));
      assertThrows(IllegalStateException.class, () -> tokenizer.decode(expected, false));
    } finally {
      tokenizer.close();
      threads.shutdownNow();
    }
  }

  @Test
  void readsVocabularyAndMergesWithoutATokenizerJson() throws Exception {
    writeSmall(
        "{\"added_tokens_decoder\": {\"300\": {\"content\": \"<|mask|>\", \"special\": true},"
            + " \"400\": {\"content\": \"<tool>\", \"special\": false}},"
            + " \"mask_token\": \"<|mask|>\", \"eos_token\": {\"content\": \"ab\"}}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int a = tokenizer.tokenId("a").orElseThrow();
      int abab = tokenizer.tokenId("abab").orElseThrow();
      assertEquals(OptionalInt.of(300), tokenizer.maskId());
      assertEquals(401, tokenizer.vocabularySize());
      int ab = tokenizer.tokenId("ab").orElseThrow();
      assertEquals(OptionalInt.of(ab), tokenizer.endOfTextId());
      assertArrayEquals(
          new int[] {a, 300, ab, ab, 400},
          tokenizer.encode("a<|mask|>abab<tool>", Tokenizer.SpecialTokens.AS_WRITTEN));
      assertEquals("a<tool>", tokenizer.decode(new int[] {a, 300, ab, ab, 400}, true));
      assertEquals("abab", tokenizer.decode(new int[] {abab}, true));
      assertFalse(tokenizer.chatTemplate().isPresent());
    }
  }

  @Test
  void addsWhatThePostProcessorAddsOnlyWhenAsked() throws Exception {
    ObjectNode definition = llada();
    definition.set(
        "post_processor",
        JSON.readTree(
            "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"[CLS]\","
                + " \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], \"pair\": [],"
                + " \"special_tokens\": {\"[CLS]\": {\"id\": \"[CLS]\", \"ids\": [2], \"tokens\":"
                + " [\"[CLS]\"]}}}"));
    write("tokenizer.json", definition.toString());
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertArrayEquals(new int[] {2, 42}, tokenizer.encode("A", Tokenizer.SpecialTokens.ADD));
      assertArrayEquals(new int[] {42}, tokenizer.encode("A", Tokenizer.SpecialTokens.AS_WRITTEN));
    }
  }

  @Test
  void cleansUpSpacesWhereTheConfigurationSaysSo() throws Exception {
    write("tokenizer.json", llada().toString());
    write("tokenizer_config.json", "{\"clean_up_tokenization_spaces\": true}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int[] ids = tokenizer.encode("Yes , it 's . ", Tokenizer.SpecialTokens.ADD);
      assertEquals("Yes, it's. ", tokenizer.decode(ids, false));
    }
  }

  @Test
  void ignoresTruncationAndPaddingOfATrainingRun() throws Exception {
    ObjectNode definition = llada();
    definition.set(
        "truncation",
        JSON.valueToTree(
            Map.of(
                "direction", "Right", "max_length", 2, "strategy", "LongestFirst", "stride", 9)));
    write("tokenizer.json", definition.toString());
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(
          "a b c d e",
          tokenizer.decode(tokenizer.encode("a b c d e", Tokenizer.SpecialTokens.ADD), true));
    }
  }

  @Test
  void takesTheMaskFromTheModelConfigurationWhereNoTokenHasTheRole() throws Exception {
    write("tokenizer.json", llada().toString());
    write("config.json", "{\"mask_token_id\": 77}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(OptionalInt.of(77), tokenizer.maskId());
    }
  }

  @Test
  void findsNamedTemplatesAndPrefersTheTemplateFile() throws Exception {
    write("tokenizer.json", llada().toString());
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"}, {\"name\": \"rag\","
            + " \"template\": \"r{{ bos_token }}\"}, {\"name\": \"bad\", \"template\": \"{{\"}],"
            + " \"bos_token\": \"<b>\"}");
    List<ChatMessage> chat = List.of(ChatMessage.user("x"));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals("d", tokenizer.chatTemplate().orElseThrow().render(chat, false));
      assertEquals("r<b>", tokenizer.chatTemplate("rag").orElseThrow().render(chat, false));
      TokenizerException e =
          assertThrows(TokenizerException.class, () -> tokenizer.chatTemplate("bad"));
      assertTrue(String.valueOf(e.getMessage()).contains("tokenizer_config.json"), e.getMessage());
    }
    write("chat_template.jinja", "file\n");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals("file", tokenizer.chatTemplate().orElseThrow().render(chat, false));
    }
  }

  @Test
  void refusesToGoWithoutATemplateWhereNoneOfTheNamedOnesIsTheDefault() throws Exception {
    write("tokenizer.json", llada().toString());
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"}, {\"name\": \"tool\\nuse\","
            + " \"template\": \"t\"}]}");
    List<ChatMessage> chat = List.of(ChatMessage.user("x"));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      TokenizerException e = assertThrows(TokenizerException.class, tokenizer::chatTemplate);
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("tokenizer_config.json"), message);
      assertTrue(
          message.contains("\"rag\", \"tool\\nuse\" and no template named default"), message);
      assertEquals("r", tokenizer.chatTemplate("rag").orElseThrow().render(chat, false));
    }
  }

  @Test
  void namesMissingAndMalformedFiles() throws Exception {
    refused(folder.toString(), "neither tokenizer.json nor");
    write("tokenizer.json", "{\"model\": ");
    refused("tokenizer.json", "not valid JSON");
    write("tokenizer.json", "[]");
    refused("tokenizer.json", "object");
    write("tokenizer.json", "{}");
    refused("tokenizer.json", "model is missing");
    write("tokenizer.json", "[".repeat(100_000));
    refused("tokenizer.json", "not valid JSON");
    Files.write(folder.resolve("tokenizer.json"), new byte[] {'{', (byte) 0xC3, '}'});
    refused("tokenizer.json", "UTF-8");
    write("tokenizer.json", llada().toString());
    write("tokenizer_config.json", "{\"a\": 1, \"a\": 2}");
    refused("tokenizer_config.json", "Duplicate");
    Path missing = folder.resolve("missing");
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.load(missing));
    assertTrue(String.valueOf(e.getMessage()).contains("not a folder"), e.getMessage());
  }

  @Test
  void namesTheMergeThatDoesNotFitTheVocabulary() throws Exception {
    writeSmall("{}");
    write("merges.txt", "#version: 0.2\na b\nb a\n");
    refused("merges.txt", "merge number 2");
    write("merges.txt", "a b c\n");
    refused("merges.txt", "line 1");
    writeSmall("{\"added_tokens_decoder\": {\"3\": {\"content\": \"<x>\"}}}");
    refused(folder.toString(), "\"<x>\" has the id 3");
    writeSmall("{\"added_tokens_decoder\": {\"-3\": {\"content\": \"<x>\"}}}");
    refused("tokenizer_config.json", "-3");
    writeSmall("{}");
    write("vocab.json", "{\"a\": 0, \"b\": 0}");
    refused("vocab.json", "as another token has");
  }

  /** Each of these ends the process or hangs it when it reaches the native code. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/decoder|{\"type\":\"Strip\",\"content\":\"a\",\"start\":0,\"stop\":9}|decoder.stop",
        "/post_processor|{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}}],\"pair\":[],\"special_tokens\":{}}|special_tokens",
        "/post_processor|{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}],\"pair\":[],\"special_tokens\":{}}|post_processor.single",
        "/normalizer|{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}|Precompiled",
        "/pre_tokenizer|{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a+)+b\"},\"behavior\":\"Isolated\",\"invert\":false}|could run for ever",
        "/pre_tokenizer|{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a*a*a*b\"},\"behavior\":\"Isolated\",\"invert\":false}|could run for ever",
        "/pre_tokenizer|{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(?<x>a)\\\\g<x>\"},\"behavior\":\"Isolated\",\"invert\":false}|could run for ever",
        "/model|{\"type\":\"Unigram\",\"vocab\":[]}|Unigram",
        "/model|{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"é\":1,\"aé\":2},\"merges\":[[\"a\",\"é\"]],\"continuing_subword_prefix\":\"#\"}|merge number 1",
      })
  void refusesDefinitionsThatWouldCrashTheProcess(String at, String json, String part)
      throws Exception {
    ObjectNode definition = llada();
    definition.set(at.substring(1), JSON.readTree(json));
    write("tokenizer.json", definition.toString());
    refused("tokenizer.json", part);
  }

  @Test
  void refusesInvalidExpressionsThroughTheNativeCode() throws Exception {
    ObjectNode definition = llada();
    definition.set(
        "pre_tokenizer",
        JSON.readTree(
            "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\p{Nonsense}\"},\"behavior\":\"Isolated\",\"invert\":false}"));
    write("tokenizer.json", definition.toString());
    refused("tokenizer.json", "Nonsense");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PublishedPatterns.QWEN2,
        PublishedPatterns.GPT2,
        "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\s+$|\\s+",
        " {2,}",
      })
  void letsPublishedExpressionsThrough(String pattern) {
    int steps = SplitPattern.check(pattern).steps();
    assertTrue(steps <= 20, pattern + " costs " + steps);
  }

  @Test
  void reportsWhatIsWrongInPlainBytes() throws Exception {
    byte[] noise = new byte[4096];
    new java.util.Random(7).nextBytes(noise);
    Files.write(folder.resolve("tokenizer.json"), noise);
    assertTrue(refusal().contains("tokenizer.json"));
    write("tokenizer.json", new String(noise, StandardCharsets.ISO_8859_1));
    assertTrue(refusal().contains("tokenizer.json"));
  }
}
