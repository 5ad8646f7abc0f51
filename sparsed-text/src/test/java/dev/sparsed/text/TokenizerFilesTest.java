package dev.sparsed.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files beside a vocabulary say, and which of them decides. */
final class TokenizerFilesTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path DREAM =
      Path.of("../sparsed-models/src/test/resources/goldens/tokenizers/dream");
  private static final Path FAMILIES = Path.of("src/test/resources/dev/sparsed/text/families");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text.replace('\'', '"'));
  }

  private void writeVocabulary() throws Exception {
    for (String name : new String[] {"vocab.json", "merges.txt"}) {
      Files.copy(DREAM.resolve(name), folder.resolve(name));
    }
  }

  /** A small vocabulary with merges of "the", " the", " 10" and blanks. */
  private void writeSmallVocabulary() throws Exception {
    JsonNode model = JSON.readTree(FAMILIES.resolve("starcoder.json").toFile()).path("model");
    ObjectNode vocabulary = (ObjectNode) model.path("vocab");
    Files.writeString(folder.resolve("vocab.json"), vocabulary.toString());
    StringBuilder merges = new StringBuilder("#version: 0.2\n");
    for (JsonNode merge : model.path("merges")) {
      merges.append(merge.path(0).asText()).append(' ').append(merge.path(1).asText()).append('\n');
    }
    Files.writeString(folder.resolve("merges.txt"), merges.toString());
  }

  private String refusal() {
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.load(folder));
    return String.valueOf(e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "tokenizer_config.json,tokenizer_class,GPT2Tokenizer",
    "tokenizer_config.json,tokenizer_class,GPT2TokenizerFast",
    "tokenizer_config.json,tokenizer_class,CodeGenTokenizer",
    "config.json,tokenizer_class,GPT2Tokenizer",
    "config.json,model_type,gpt2",
  })
  void splitsWordsAsGpt2DoesWhereThatIsItsClass(String file, String field, String name)
      throws Exception {
    writeSmallVocabulary();
    write(file, "{'" + field + "': '" + name + "'}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int ten = tokenizer.tokenId("10").orElseThrow();
      int blank = tokenizer.tokenId("\u0120").orElseThrow();
      // GPT-2 keeps digits together and gives a word the blank before it; NFC is not applied.
      assertArrayEquals(
          new int[] {ten, blank, blank, ten},
          tokenizer.encode("10  10", Tokenizer.SpecialTokens.ADD));
      assertEquals(
          "e\u0301",
          tokenizer.decode(tokenizer.encode("e\u0301", Tokenizer.SpecialTokens.ADD), true));
      int end = tokenizer.tokenId("<|endoftext|>").orElseThrow();
      assertEquals(OptionalInt.of(end), tokenizer.endOfTextId());
      assertEquals(OptionalInt.of(end), tokenizer.beginOfTextId());
      assertEquals(OptionalInt.empty(), tokenizer.paddingId());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Qwen2Tokenizer", "Qwen2TokenizerFast", "DreamTokenizer"})
  void splitsWordsAsQwenDoesWhereThatIsItsClass(String name) throws Exception {
    writeSmallVocabulary();
    write("tokenizer_config.json", "{'tokenizer_class': '" + name + "'}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int one = tokenizer.tokenId("1").orElseThrow();
      int zero = tokenizer.tokenId("0").orElseThrow();
      assertArrayEquals(new int[] {one, zero}, tokenizer.encode("10", Tokenizer.SpecialTokens.ADD));
      assertEquals(
          "\u00e9",
          tokenizer.decode(tokenizer.encode("e\u0301", Tokenizer.SpecialTokens.ADD), true));
      assertEquals(OptionalInt.empty(), tokenizer.beginOfTextId());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RobertaTokenizer",
        "PreTrainedTokenizerFast",
        "LlamaTokenizer",
        "GPT2",
        "Evil\u001bTokenizer",
      })
  void refusesOtherClassesByName(String name) throws Exception {
    writeSmallVocabulary();
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        JSON.createObjectNode().put("tokenizer_class", name).toString());
    String message = refusal();
    assertTrue(message.contains("tokenizer_class is " + Quoted.of(name)), message);
    assertTrue(message.contains("GPT2Tokenizer") && message.contains("tokenizer.json"), message);
  }

  @Test
  void putsWhatGpt2IsToldToBeforeAText() throws Exception {
    writeSmallVocabulary();
    write("tokenizer_config.json", "{'tokenizer_class': 'GPT2Tokenizer', 'add_bos_token': true}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int begin = tokenizer.beginOfTextId().orElseThrow();
      int ten = tokenizer.tokenId("10").orElseThrow();
      assertArrayEquals(
          new int[] {begin, ten}, tokenizer.encode("10", Tokenizer.SpecialTokens.ADD));
      assertArrayEquals(
          new int[] {ten}, tokenizer.encode("10", Tokenizer.SpecialTokens.AS_WRITTEN));
    }
    write(
        "tokenizer_config.json", "{'tokenizer_class': 'GPT2Tokenizer', 'add_prefix_space': true}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertArrayEquals(
          tokenizer.encode(" the", Tokenizer.SpecialTokens.ADD),
          tokenizer.encode("the", Tokenizer.SpecialTokens.ADD));
    }
  }

  @Test
  void knowsDreamsEndOfTextWithoutAnyConfiguration() throws Exception {
    writeVocabulary();
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertArrayEquals(
          new int[] {64, 151643}, tokenizer.encode("a<|endoftext|>", Tokenizer.SpecialTokens.ADD));
      assertEquals(OptionalInt.of(151643), tokenizer.endOfTextId());
      assertEquals(OptionalInt.of(151643), tokenizer.paddingId());
      assertEquals(OptionalInt.empty(), tokenizer.beginOfTextId());
      assertEquals("a", tokenizer.decode(new int[] {64, 151643}, true));
    }
    write("special_tokens_map.json", "{'mask_token': '<|mask|>'}");
    assertTrue(refusal().contains("no file gives the special token \"<|mask|>\" an id"), refusal());
    write("added_tokens.json", "{'<|endoftext|>': 151643, '<|mask|>': 151666}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(OptionalInt.of(151666), tokenizer.maskId());
    }
  }

  @Test
  void passesOverAddedTokensJsonWhereTheConfigurationListsThem() throws Exception {
    writeSmallVocabulary();
    write(
        "tokenizer_config.json",
        "{'added_tokens_decoder': {'500': {'content': '<|MASK|>', 'special': true}},"
            + " 'mask_token': '<|MASK|>'}");
    write("added_tokens.json", "{'<|MASK|>': 501, '<stale>': 500, '<more>': 502}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(OptionalInt.of(500), tokenizer.maskId());
      assertEquals(OptionalInt.empty(), tokenizer.tokenId("<stale>"));
      assertEquals(OptionalInt.empty(), tokenizer.tokenId("<more>"));
      assertEquals(501, tokenizer.vocabularySize());
    }
    write("tokenizer_config.json", "{'mask_token': '<|MASK|>'}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(OptionalInt.of(501), tokenizer.maskId());
      assertEquals(OptionalInt.of(500), tokenizer.tokenId("<stale>"));
    }
  }

  @Test
  void letsTheConfigurationDecideOverTheDefinition() throws Exception {
    ObjectNode definition = (ObjectNode) JSON.readTree(FAMILIES.resolve("gpt2.json").toFile());
    int end = definition.path("added_tokens").path(0).path("id").intValue();
    Files.writeString(folder.resolve("tokenizer.json"), definition.toString());
    write(
        "tokenizer_config.json",
        "{'added_tokens_decoder': {'" + end + "': {'content': '<|endoftext|>', 'rstrip': true}}}");
    write("added_tokens.json", "{'<stale>': " + end + "}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(2, tokenizer.encode("<|endoftext|>   a", Tokenizer.SpecialTokens.ADD).length);
      assertEquals(OptionalInt.empty(), tokenizer.tokenId("<stale>"));
    }
    write("tokenizer_config.json", "{}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(OptionalInt.empty(), tokenizer.tokenId("<stale>"));
    }
    write("tokenizer_config.json", "{'added_tokens_decoder': {'7': {'content': '<|endoftext|>'}}}");
    assertTrue(refusal().contains("gives \"<|endoftext|>\" the id 7, tokenizer.json " + end));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'bos_token': '<x>'",
        "'eos_token': {'content': '<x>', 'special': false}",
        "'unk_token': '<x>'",
        "'pad_token': '<x>'",
        "'sep_token': '<x>'",
        "'cls_token': '<x>'",
        "'mask_token': '<x>'",
        "'additional_special_tokens': ['<x>']",
        "'additional_special_tokens': [{'content': '<x>'}]",
        "'extra_special_tokens': {'tool': '<x>'}",
      })
  void leavesOutTokensWithARoleWhateverTheirFlag(String role) throws Exception {
    ObjectNode definition = (ObjectNode) JSON.readTree(FAMILIES.resolve("gpt2.json").toFile());
    ObjectNode token = definition.withArray("added_tokens").addObject();
    token.put("id", 700).put("content", "<x>").put("special", false).put("normalized", true);
    token.put("single_word", false).put("lstrip", false).put("rstrip", false);
    Files.writeString(folder.resolve("tokenizer.json"), definition.toString());
    write("tokenizer_config.json", "{" + role + "}");
    assertLeftOut();
    write(
        "tokenizer_config.json",
        "{'added_tokens_decoder': {'700': {'content': '<x>', 'special': false}}, " + role + "}");
    assertLeftOut();
    Files.delete(folder.resolve("tokenizer.json"));
    writeSmallVocabulary();
    assertLeftOut();
  }

  private void assertLeftOut() {
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int[] ids = tokenizer.encode("the<x>the", Tokenizer.SpecialTokens.ADD);
      assertEquals(3, ids.length);
      assertEquals(700, ids[1]);
      assertEquals("the<x>the", tokenizer.decode(ids, false));
      assertEquals("thethe", tokenizer.decode(ids, true));
    }
  }

  @Test
  void refusesFilesThatAreLinksToNothingOrFolders() throws Exception {
    writeSmallVocabulary();
    for (String name :
        new String[] {
          "tokenizer.json", "tokenizer_config.json", "added_tokens.json", "chat_template.jinja"
        }) {
      Path file = folder.resolve(name);
      Files.createSymbolicLink(file, Path.of("../../blobs/not-downloaded"));
      assertTrue(refusal().contains(name + " is a link to what is not there"), refusal());
      Files.delete(file);
      Files.createDirectory(file);
      assertTrue(refusal().contains(name + " is no regular file"), refusal());
      Files.delete(file);
    }
    Tokenizer.load(folder).close();
  }

  @Test
  void refusesChatTemplatesThatAreNoText() throws Exception {
    writeSmallVocabulary();
    for (String template : new String[] {"5", "true", "{'default':'x'}"}) {
      write("tokenizer_config.json", "{'chat_template':" + template + "}");
      assertTrue(refusal().contains("chat_template is neither a text"), refusal());
    }
    write("tokenizer_config.json", "{'chat_template':null}");
    Tokenizer.load(folder).close();
  }

  @Test
  void refusesToSplitSpecialTokens() throws Exception {
    writeSmallVocabulary();
    write("tokenizer_config.json", "{'split_special_tokens': true}");
    assertTrue(refusal().contains("split_special_tokens is true"), refusal());
    write("tokenizer_config.json", "{'split_special_tokens': false}");
    Tokenizer.load(folder).close();
  }

  @Test
  void refusesGapsThatAUnigramVocabularyCannotHave() throws Exception {
    Files.copy(FAMILIES.resolve("t5.json"), folder.resolve("tokenizer.json"));
    write("tokenizer_config.json", "{'added_tokens_decoder': {'9999': {'content': '<x>'}}}");
    assertTrue(refusal().contains("have no gaps"), refusal());
  }
}
