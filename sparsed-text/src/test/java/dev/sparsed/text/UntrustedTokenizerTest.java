package dev.sparsed.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Definitions that end the process, hang it or fill its memory when native code sees them. */
final class UntrustedTokenizerTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FAMILIES = Path.of("src/test/resources/dev/sparsed/text/families");
  private static final String GROW =
      "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"%s\"}";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private static ObjectNode family(String name) throws Exception {
    return (ObjectNode) JSON.readTree(FAMILIES.resolve(name + ".json").toFile());
  }

  private void write(ObjectNode definition) throws Exception {
    Files.writeString(folder.resolve("tokenizer.json"), definition.toString());
  }

  private String refusal() {
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.load(folder));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.codePoints().noneMatch(Character::isISOControl), message);
    return message;
  }

  private void refused(String part, String component, String words) throws Exception {
    ObjectNode definition = family("gpt2");
    definition.set(part, JSON.readTree(component));
    write(definition);
    String message = refusal();
    assertTrue(message.contains("tokenizer.json: " + part), message);
    assertTrue(message.contains(words), message);
    assertTrue(message.contains("download"), message);
  }

  private static String sequence(String field, String component, int times) {
    return "{\"type\":\"Sequence\",\""
        + field
        + "\":["
        + String.join(",", Collections.nCopies(times, component))
        + "]}";
  }

  private static String template(int tokens, int texts) {
    String token = "{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}}";
    String text = "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}";
    String pieces = String.join(",", Collections.nCopies(tokens, token));
    pieces += (tokens > 0 && texts > 0 ? "," : "");
    pieces += String.join(",", Collections.nCopies(texts, text));
    return "{\"type\":\"TemplateProcessing\",\"single\":["
        + pieces
        + "],\"pair\":[],\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":[1],\"tokens\":[\"x\"]}}}";
  }

  @Test
  void refusesPostProcessorsThatDoNotFitTogether() throws Exception {
    String both = template(0, 0) + "," + template(1, 1);
    refused(
        "post_processor",
        "{\"type\":\"Sequence\",\"processors\":[" + both + "]}",
        "has the text 0 times");
    refused("post_processor", sequence("processors", template(1, 1), 2), "is the second");
    refused("post_processor", template(1, 2), "has the text 2 times");
    refused("post_processor", template(100_000, 1), "has 100001 pieces");
    refused(
        "post_processor",
        "{\"type\":\"BertProcessing\",\"sep\":[\"x\",99999],\"cls\":[\"x\",0]}",
        "adds the id 99999");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a*", "(?=a)", "\\b", "^", "a|b|", "(?:a|b?)c?", "x{0}", "$"})
  void refusesExpressionsThatMatchNothing(String regex) throws Exception {
    String quoted = JSON.writeValueAsString(regex);
    refused(
        "normalizer",
        "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Replace\",\"pattern\":{\"Regex\":"
            + quoted
            + "},\"content\":\"b\"},{\"type\":\"NFD\"}]}",
        "matches the empty text");
  }

  /** Each of these takes for ever on some text, or memory without end, or is misread. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x*(?i)y|z*w",
        "(?:(?:(?:a{90}){90}){90}){90}",
        "a{3}?b",
        "a*b*c",
        "(?:a+)+b",
        "(?=a+b)a",
        "\\X+",
        "(?>a+)b",
        "(?#x)a",
        "\\k<x>a",
        "(?i:a+)b",
        "(?i:\ufb01)x",
        "(?i:[\\p{L}])x",
        "\\b+a",
        "(?=a)?b",
      })
  void refusesExpressionsWhoseCostIsNotKnown(String regex) throws Exception {
    refused(
        "pre_tokenizer",
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":"
            + JSON.writeValueAsString(regex)
            + "},\"behavior\":\"Isolated\",\"invert\":false}",
        "could run for ever");
  }

  @Test
  void refusesReplacementsThatGrowWithoutBound() throws Exception {
    String thousand = GROW.formatted("a".repeat(1000));
    refused("normalizer", sequence("normalizers", thousand, 3), "has 1000 characters");
    refused("decoder", sequence("decoders", thousand, 3), "has 1000 characters");
    refused("normalizer", sequence("normalizers", GROW.formatted("aa"), 12), "as long");
    refused("decoder", sequence("decoders", GROW.formatted("aa"), 8), "as long");
    refused("normalizer", sequence("normalizers", GROW.formatted("aa"), 24), "24 steps");
    refused(
        "normalizer",
        "{\"type\":\"Prepend\",\"prepend\":\"" + "a".repeat(33) + "\"}",
        "has 33 characters");
    String bytes =
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":false}";
    refused("pre_tokenizer", sequence("pretokenizers", bytes, 2), "behind another ByteLevel");
    refused("normalizer", sequence("normalizers", "{\"type\":\"ByteLevel\"}", 2), "last step");
  }

  @Test
  void countsTextAsItIsOnceNormalised() throws Exception {
    ObjectNode definition = family("gpt2");
    definition.set("normalizer", JSON.readTree(sequence("normalizers", GROW.formatted("aa"), 5)));
    write(definition);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertTrue(tokenizer.encode("a".repeat(1000), Tokenizer.SpecialTokens.ADD).length > 1000);
      assertEquals(1, tokenizer.encode("1", Tokenizer.SpecialTokens.ADD).length);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> tokenizer.encode("a".repeat(50_000), Tokenizer.SpecialTokens.ADD));
      assertTrue(String.valueOf(e.getMessage()).contains("normalised"), e.getMessage());
      assertEquals(
          50_000, tokenizer.encode("?".repeat(50_000), Tokenizer.SpecialTokens.ADD).length);
    }
  }

  @Test
  void refusesMarksWhoseOrderTakesTheSquareOfTheirNumber() throws Exception {
    for (String form : new String[] {"NFC", "NFD", "NFKC", "NFKD"}) {
      ObjectNode definition = family("gpt2");
      definition.putObject("normalizer").put("type", form);
      write(definition);
      try (Tokenizer tokenizer = Tokenizer.load(folder)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> tokenizer.encode("\u0345\u0301".repeat(130_000), Tokenizer.SpecialTokens.ADD));
        String accented = "e\u0345\u0301".repeat(50_000);
        assertTrue(tokenizer.encode(accented, Tokenizer.SpecialTokens.ADD).length > 50_000);
      }
    }
  }

  @Test
  void boundsTokensThatAreTooManyAndTooLongToBeCounted() throws Exception {
    ObjectNode definition = family("gpt2");
    definition.putObject("normalizer").put("type", "Prepend").put("prepend", "x".repeat(32));
    ArrayNode added = definition.withArray("added_tokens");
    int ids = definition.path("model").path("vocab").size() + added.size();
    for (int i = 0; i < 64; i++) {
      String content = i == 0 ? "\u4e2d" : "a".repeat(500) + (char) ('A' + i) + "a".repeat(500);
      ObjectNode token = added.addObject().put("id", ids + i).put("content", content);
      AddedTokenRules.FLAGS.forEach(flag -> token.put(flag, false));
    }
    write(definition);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertTrue(tokenizer.encode("a".repeat(500), Tokenizer.SpecialTokens.ADD).length > 1);
      assertThrows(
          IllegalArgumentException.class,
          () -> tokenizer.encode("a".repeat(100_000), Tokenizer.SpecialTokens.ADD));
    }
  }

  @Test
  void refusesTextsOnWhichASearchTakesTheSquareOfTheirLength() throws Exception {
    write(family("deepseek"));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      String words = "some words and  blanks\n\n".repeat(5_000);
      assertTrue(tokenizer.encode(words, Tokenizer.SpecialTokens.ADD).length > 50_000);
      assertThrows(
          IllegalArgumentException.class,
          () -> tokenizer.encode(" ".repeat(100_000) + "x", Tokenizer.SpecialTokens.ADD));
    }
    write(family("phi4"));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      for (String run : new String[] {" ", "A", "a", "\n"}) {
        assertTrue(
            tokenizer.encode(run.repeat(100_000) + "1", Tokenizer.SpecialTokens.ADD).length > 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"gpt2,BPE", "bert,WordPiece", "wordlevel,WordLevel"})
  void refusesAnUnknownTokenOutsideTheVocabulary(String family, String type) throws Exception {
    ObjectNode definition = family(family);
    ((ObjectNode) definition.path("model")).put("unk_token", "<nowhere>");
    ((ObjectNode) definition.path("model").path("vocab")).remove("a");
    write(definition);
    String message = refusal();
    assertTrue(
        message.contains("model.unk_token (" + type + ") is \"<nowhere>\", which the vocabulary"),
        message);
  }

  @Test
  void passesOverAnUnknownTokenThatNoTextNeeds() throws Exception {
    ObjectNode definition = family("gpt2");
    ((ObjectNode) definition.path("model")).put("unk_token", "<nowhere>");
    write(definition);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(
          "\ud83d\ude42",
          tokenizer.decode(tokenizer.encode("\ud83d\ude42", Tokenizer.SpecialTokens.ADD), true));
    }
  }

  @Test
  void refusesUnigramVocabulariesThatCannotEncodeEverything() throws Exception {
    ObjectNode definition = family("t5");
    ObjectNode model = (ObjectNode) definition.path("model");
    model.put("unk_id", model.path("vocab").size());
    write(definition);
    assertTrue(refusal().contains("model.unk_id (Unigram) is"), refusal());
    model.putNull("unk_id");
    write(definition);
    assertTrue(refusal().contains("unk_id"), refusal());
    model.put("unk_id", 2);
    ((ArrayNode) model.path("vocab").path(5)).set(1, JSON.valueToTree(-1e300));
    write(definition);
    assertTrue(refusal().contains("piece 5 of the vocabulary"), refusal());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AAAA",
        "not base64!",
        "AAQAAA==",
        "/////wAAAAA=",
      })
  void refusesBrokenTablesOfCharacters(String table) throws Exception {
    refused(
        "normalizer",
        "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"" + table + "\"}",
        "precompiled_charsmap (Precompiled) is not a table");
  }

  private void addedToken(ObjectNode definition, String content, String... flags) {
    ObjectNode token = definition.withArray("added_tokens").addObject();
    token.put("id", 5000 + definition.path("added_tokens").size()).put("content", content);
    for (String flag : AddedTokenRules.FLAGS) {
      token.put(flag, List.of(flags).contains(flag));
    }
  }

  @Test
  void refusesAddedTokensThatClaimTheSameBlanks() throws Exception {
    ObjectNode definition = family("gpt2");
    addedToken(definition, "xyz", "rstrip");
    addedToken(definition, "  ", "lstrip");
    write(definition);
    assertTrue(refusal().contains("the added token \"  \" takes white space"), refusal());
  }

  @Test
  void refusesAddedTokensOfWhichNormalisationMightLeaveNothing() throws Exception {
    ObjectNode definition = family("gpt2");
    addedToken(definition, "\u0301", "normalized");
    write(definition);
    Tokenizer.load(folder).close();
    definition.set("normalizer", JSON.readTree("{\"type\":\"StripAccents\"}"));
    write(definition);
    assertTrue(refusal().contains("might leave nothing of it"), refusal());
    definition = family("gpt2");
    definition.set(
        "normalizer",
        JSON.readTree(
            "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Replace\",\"pattern\":{\"String\":"
                + "\"endoftext\"},\"content\":\" \"},{\"type\":\"Strip\",\"strip_left\":true,"
                + "\"strip_right\":true}]}"));
    write(definition);
    assertTrue(refusal().contains("might leave nothing of it"), refusal());
  }

  @Test
  void refusesFilesBeyondAnySizeWithinSeconds() throws Exception {
    Path file = folder.resolve("tokenizer.json");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(120L << 20);
    }
    assertTrue(refusal().contains("has 125829120 bytes, more than"), refusal());
    Files.writeString(file, "{\"added_tokens\":[" + "[],".repeat(10_000_000) + "[]]}");
    assertTrue(refusal().contains("oken count"), refusal());
    Files.writeString(file, "{\"model\":" + "[".repeat(20_000_000));
    assertTrue(refusal().contains("epth"), refusal());
  }

  @Test
  void quotesWhatTheFilesSay() throws Exception {
    String evil = "\u001b[2J\nERROR: all is well\u202e";
    ObjectNode definition = family("gpt2");
    definition.put(evil, 1);
    write(definition);
    assertFalse(refusal().contains("\u202e"));
    definition = family("gpt2");
    definition.putObject("normalizer").put("type", evil);
    write(definition);
    assertTrue(refusal().contains("\\u001b[2J\\nERROR"), refusal());
    definition = family("gpt2");
    ((ObjectNode) definition.path("decoder")).put(evil, true);
    write(definition);
    assertTrue(refusal().contains("\\u001b"), refusal());
    definition = family("gpt2");
    addedToken(definition, evil);
    addedToken(definition, evil + "2");
    ((ObjectNode) definition.path("added_tokens").path(1)).put("id", 5);
    write(definition);
    assertTrue(refusal().contains("\\u001b"), refusal());
    Files.writeString(folder.resolve("tokenizer.json"), "{\"a\u202e\":1,\"a\u202e\":2}");
    assertTrue(refusal().contains("\\u202e"), refusal());
    definition = family("gpt2");
    definition.set(
        "pre_tokenizer",
        JSON.readTree(
            "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\p{\\u001b}\"},\"behavior\":"
                + "\"Isolated\",\"invert\":false}"));
    write(definition);
    assertTrue(refusal().contains("\\u001b"), refusal());
  }

  @Test
  void refusesHalvesOfSurrogatePairs() throws Exception {
    ObjectNode broken = family("gpt2");
    ((ObjectNode) broken.path("model").path("vocab")).put("<half>", 4000);
    Files.writeString(
        folder.resolve("tokenizer.json"), broken.toString().replace("<half>", "\\ud800"));
    assertTrue(refusal().contains("surrogate"), refusal());
    ObjectNode value = family("gpt2");
    addedToken(value, "<half>");
    Files.writeString(
        folder.resolve("tokenizer.json"), value.toString().replace("half", "\\ud800"));
    assertTrue(refusal().contains("surrogate"), refusal());
  }

  @Test
  void boundsWhatIsDecodedAtOnce() throws Exception {
    ObjectNode definition = family("gpt2");
    addedToken(definition, "y".repeat(1000));
    write(definition);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int[] ids = new int[1000];
      Arrays.fill(ids, tokenizer.tokenId("y".repeat(1000)).orElseThrow());
      assertEquals(1_000_000, tokenizer.decode(ids, false).length());
      int[] many = new int[100_000];
      Arrays.fill(many, ids[0]);
      assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(many, false));
    }
  }
}
