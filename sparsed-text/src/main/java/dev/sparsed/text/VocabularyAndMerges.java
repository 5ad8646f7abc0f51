package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tokenizers that are published as vocab.json and merges.txt without a tokenizer.json. All encode
 * bytes by pairs; how they normalise and split a text is known by the name of their class only.
 */
enum VocabularyAndMerges {
  /** Dream's, which reads texts as Qwen 2 does. */
  DREAM("Dream", true, "unk_token", "eos_token", "pad_token"),

  /** NFC, words as in Qwen 2, every digit on its own. */
  QWEN2("Qwen2", true, "unk_token", "eos_token", "pad_token"),

  /** No normalisation, words as in GPT-2. */
  GPT2("GPT2", false, "bos_token", "unk_token", "eos_token"),

  /** As GPT-2. */
  CODE_GEN("CodeGen", false, "bos_token", "unk_token", "eos_token");

  static final String VOCABULARY_FILE = "vocab.json";
  static final String MERGES_FILE = "merges.txt";

  static final String END_OF_TEXT = "<|endoftext|>";
  private static final String CLASS = "tokenizer_class";

  private final String name;
  private final boolean asQwen;
  private final ImmutableList<String> endOfTextRoles;

  VocabularyAndMerges(String name, boolean asQwen, String... endOfTextRoles) {
    this.name = name;
    this.asQwen = asQwen;
    this.endOfTextRoles = ImmutableList.copyOf(endOfTextRoles);
  }

  /**
   * Finds the class by {@code tokenizer_class} of tokenizer_config.json or config.json, otherwise
   * by the model's type; Dream's where neither says anything.
   *
   * @throws TokenizerException if the class is another
   */
  static VocabularyAndMerges of(TokenizerFolder folder, JsonNode config, JsonNode modelConfig) {
    for (Map.Entry<String, JsonNode> file :
        List.of(
            Map.entry(Tokenizer.CONFIG_FILE, config),
            Map.entry(Tokenizer.MODEL_CONFIG_FILE, modelConfig))) {
      JsonNode named = file.getValue().path(CLASS);
      if (named.isTextual()) {
        return named(named.textValue(), folder.path(file.getKey()));
      }
    }
    return switch (modelConfig.path("model_type").asText()) {
      case "gpt2" -> GPT2;
      case "codegen" -> CODE_GEN;
      case "qwen2", "qwen3" -> QWEN2;
      default -> DREAM;
    };
  }

  private static VocabularyAndMerges named(String name, Path file) {
    for (VocabularyAndMerges known : values()) {
      if (name.equals(known.name + "Tokenizer") || name.equals(known.name + "TokenizerFast")) {
        return known;
      }
    }
    throw new TokenizerException(
        file
            + ": tokenizer_class is "
            + Quoted.of(name)
            + ", and how it reads vocab.json and merges.txt is not known here; known are "
            + Arrays.stream(values())
                .map(known -> known.name + "Tokenizer")
                .collect(Collectors.joining(", "))
            + ". Save the tokenizer with a tokenizer.json (save_pretrained of its fast form)");
  }

  /** The tokens of roles that the files do not speak of. */
  ImmutableMap<String, String> defaultRoles() {
    return endOfTextRoles.stream()
        .collect(ImmutableMap.toImmutableMap(role -> role, role -> END_OF_TEXT));
  }

  /** The definition without added tokens, in the form of a tokenizer.json. */
  ObjectNode definition(TokenizerFolder folder, JsonNode config) {
    ObjectNode definition = TokenizerFolder.JSON.createObjectNode();
    definition.put("version", "1.0");
    definition.putNull("truncation");
    definition.putNull("padding");
    definition.putArray("added_tokens");
    boolean prefix = config.path("add_prefix_space").asBoolean(false);
    if (asQwen) {
      if (prefix) {
        throw new TokenizerException(
            folder.path(Tokenizer.CONFIG_FILE)
                + ": add_prefix_space is true, which "
                + name
                + "Tokenizer does not know; set it to false");
      }
      definition.putObject("normalizer").put("type", "NFC");
      ObjectNode preTokenizer = definition.putObject("pre_tokenizer").put("type", "Sequence");
      ArrayNode steps = preTokenizer.putArray("pretokenizers");
      ObjectNode split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", PublishedPatterns.QWEN2);
      split.put("behavior", "Isolated").put("invert", false);
      byteLevel(steps.addObject(), false, false);
    } else {
      definition.putNull("normalizer");
      byteLevel(definition.putObject("pre_tokenizer"), prefix, true);
    }
    definition.putNull("post_processor");
    byteLevel(definition.putObject("decoder"), false, false);
    ObjectNode model = definition.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    model.set("vocab", folder.object(VOCABULARY_FILE));
    ArrayNode merges = model.putArray("merges");
    for (String[] merge : merges(folder)) {
      merges.addArray().add(merge[0]).add(merge[1]);
    }
    return definition;
  }

  /**
   * Puts the token that begins a text before each, where the configuration asks for it and the
   * class knows such a token.
   */
  void addBeginOfText(ObjectNode definition, JsonNode config, SpecialTokenNames names, int id) {
    String token = names.byRole().get("bos_token");
    if (asQwen || token == null || !config.path("add_bos_token").asBoolean(false)) {
      return;
    }
    ObjectNode template = definition.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    template.putArray("pair");
    ObjectNode tokens = template.putObject("special_tokens").putObject(token).put("id", token);
    tokens.putArray("ids").add(id);
    tokens.putArray("tokens").add(token);
  }

  private static void byteLevel(ObjectNode node, boolean prefix, boolean useRegex) {
    node.put("type", "ByteLevel").put("add_prefix_space", prefix);
    node.put("trim_offsets", false).put("use_regex", useRegex);
  }

  private static List<String[]> merges(TokenizerFolder folder) {
    List<String[]> merges = new ArrayList<>();
    int number = 0;
    for (String line : (Iterable<String>) folder.text(MERGES_FILE).lines()::iterator) {
      number++;
      String merge = line.strip();
      if (merge.isEmpty() || (number == 1 && merge.startsWith("#version:"))) {
        continue;
      }
      int space = merge.indexOf(' ');
      if (space < 0 || merge.indexOf(' ', space + 1) >= 0) {
        throw new TokenizerException(
            folder.path(MERGES_FILE)
                + ", line "
                + number
                + ": a merge is two tokens with one space between, this is "
                + Quoted.of(merge)
                + "; download the checkpoint again");
      }
      merges.add(new String[] {merge.substring(0, space), merge.substring(space + 1)});
    }
    return merges;
  }
}
