package dev.sparsed.text;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer of a Hugging Face checkpoint: text to token ids and back.
 *
 * <p>It gives the ids that Hugging Face's own library gives, whose native code it runs through DJL.
 * Nothing is downloaded. A tokenizer may be used by any number of threads; it holds native memory
 * until it is closed.
 *
 * <pre>{@code
 * try (Tokenizer tokenizer = Tokenizer.load(Path.of("Dream-v0-Instruct-7B"))) {
 *   int[] ids = tokenizer.encode("Hello world", SpecialTokens.ADD);
 *   String text = tokenizer.decode(ids, true);
 * }
 * }</pre>
 */
public final class Tokenizer implements AutoCloseable {

  static final String DEFINITION_FILE = "tokenizer.json";
  static final String CONFIG_FILE = "tokenizer_config.json";
  static final String SPECIAL_TOKENS_FILE = "special_tokens_map.json";
  static final String ADDED_TOKENS_FILE = "added_tokens.json";
  static final String MODEL_CONFIG_FILE = "config.json";

  private static final ImmutableList<String> FILES =
      ImmutableList.of(
          DEFINITION_FILE,
          VocabularyAndMerges.VOCABULARY_FILE,
          VocabularyAndMerges.MERGES_FILE,
          CONFIG_FILE,
          SPECIAL_TOKENS_FILE,
          ADDED_TOKENS_FILE,
          ChatTemplates.FILE);

  /** Mask tokens of LLaDA, whose tokenizer files give no token the role, and of Dream. */
  private static final ImmutableList<String> KNOWN_MASKS =
      ImmutableList.of("<|mdm_mask|>", "<|mask|>");

  private final NativeTokenizer tokens;
  private final TokenizerDefinition definition;
  private final DecodingLimit decodingLimit;
  private final OptionalInt maskId;
  private final ChatTemplates chatTemplates;

  private Tokenizer(
      NativeTokenizer tokens,
      TokenizerDefinition definition,
      DecodingLimit decodingLimit,
      OptionalInt maskId,
      ChatTemplates chatTemplates) {
    this.tokens = tokens;
    this.definition = definition;
    this.decodingLimit = decodingLimit;
    this.maskId = maskId;
    this.chatTemplates = chatTemplates;
  }

  /**
   * Reads a checkpoint folder's tokenizer: tokenizer.json where there is one, otherwise vocab.json
   * and merges.txt as Dream, Qwen 2 and GPT-2 publish them; beside them tokenizer_config.json,
   * special_tokens_map.json, added_tokens.json and chat_template.jinja as far as they are there.
   *
   * <p>A tokenizer.json is run by native code, so only what is known to be safe is accepted: the
   * components of published tokenizers, in orders and of sizes like theirs.
   *
   * @param checkpointFolder a folder as Hugging Face publishes it
   * @return the tokenizer, to be closed by the caller
   * @throws TokenizerException if files are missing, malformed, contradictory or not known to be
   *     safe; the message names the file, the component and the remedy
   */
  public static Tokenizer load(Path checkpointFolder) {
    Objects.requireNonNull(checkpointFolder, "checkpointFolder");
    TokenizerFolder folder = new TokenizerFolder(checkpointFolder);
    if (!folder.has(DEFINITION_FILE)
        && !(folder.has(VocabularyAndMerges.VOCABULARY_FILE)
            && folder.has(VocabularyAndMerges.MERGES_FILE))) {
      throw new TokenizerException(
          checkpointFolder
              + " holds neither tokenizer.json nor both of vocab.json and merges.txt; download the"
              + " checkpoint's tokenizer files into it");
    }
    ObjectNode config = folder.objectIfPresent(CONFIG_FILE);
    ObjectNode modelConfig = folder.objectIfPresent(MODEL_CONFIG_FILE);
    TokenizerDefinition definition;
    try {
      definition = TokenizerDefinition.read(folder, config, modelConfig);
    } catch (OutOfMemoryError e) {
      throw new TokenizerException(
          "the tokenizer files in "
              + checkpointFolder
              + " need more memory than this process may use; raise -Xmx, or download them again if"
              + " they are larger than what was published",
          e);
    }
    OptionalInt mask = maskId(definition.names(), definition.ids(), modelConfig);
    ChatTemplates templates = ChatTemplates.read(folder, config, definition.names());
    return new Tokenizer(
        NativeTokenizer.create(definition.json(), definition.source()),
        definition,
        new DecodingLimit(definition.ids(), definition.decodedGrowth()),
        mask,
        templates);
  }

  /**
   * The tokenizer files that a folder holds, complete or not: those that {@link #load} reads.
   *
   * @param checkpointFolder a folder, which may be missing
   * @return the files, none where there is no such folder
   */
  public static List<Path> files(Path checkpointFolder) {
    return FILES.stream()
        .map(checkpointFolder::resolve)
        .filter(Files::exists)
        .collect(toImmutableList());
  }

  /**
   * Encodes a text.
   *
   * @param text the text; half of a surrogate pair is read as U+FFFD
   * @param specialTokens what to do about special tokens
   * @return the token ids, of length 0 for an empty text to which nothing is added
   * @throws IllegalArgumentException if the text is longer than this tokenizer takes at once, up to
   *     a million characters; the message says why
   * @throws TokenizerException if native code cannot encode the text
   * @throws IllegalStateException if the tokenizer is closed
   */
  public int[] encode(String text, SpecialTokens specialTokens) {
    Objects.requireNonNull(specialTokens, "specialTokens");
    definition.textLimits().check(text);
    return tokens.encode(wellFormed(text), specialTokens == SpecialTokens.ADD);
  }

  /**
   * Decodes token ids. Bytes that are not UTF-8, such as half of a character, become U+FFFD.
   *
   * @param ids token ids; those beyond the vocabulary, which a model with a padded head can yield,
   *     have no text
   * @param skipSpecialTokens whether special tokens are left out
   * @return the text
   * @throws IllegalArgumentException if an id is negative, or if there are more than 1.5 million of
   *     them or their text could have more than 32 million characters
   * @throws IllegalStateException if the tokenizer is closed
   */
  public String decode(int[] ids, boolean skipSpecialTokens) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0) {
        throw new IllegalArgumentException("ids[" + i + "] is " + ids[i] + "; ids start at 0");
      }
    }
    decodingLimit.check(ids);
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    String text = tokens.decode(wide, skipSpecialTokens);
    return definition.cleanUpSpaces() ? cleanUp(text) : text;
  }

  /**
   * Looks up a token, added ones included.
   *
   * @param token the token as it stands in the vocabulary
   * @return its id, if there is such a token
   */
  public OptionalInt tokenId(String token) {
    Integer id = definition.ids().get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * The token that stands for text not yet generated.
   *
   * @return the id that the tokenizer's files or config.json give it, if they do
   */
  public OptionalInt maskId() {
    return maskId;
  }

  /**
   * The token that begins a text.
   *
   * @return its id, if the checkpoint has such a token
   */
  public OptionalInt beginOfTextId() {
    return role("bos_token");
  }

  /**
   * The token that ends a text.
   *
   * @return its id, if the checkpoint has such a token
   */
  public OptionalInt endOfTextId() {
    return role("eos_token");
  }

  /**
   * The token that fills up shorter texts of a batch.
   *
   * @return its id, if the checkpoint has such a token
   */
  public OptionalInt paddingId() {
    return role("pad_token");
  }

  /**
   * The number of ids, added tokens included.
   *
   * @return one more than the largest id; a model's embedding may have more rows
   */
  public int vocabularySize() {
    return decodingLimit.ids();
  }

  /**
   * The template that turns a conversation into a prompt.
   *
   * @return the checkpoint's default chat template, if it has any template
   * @throws TokenizerException if the template cannot be read, or if the checkpoint has named
   *     templates and none that is the default
   */
  public Optional<ChatTemplate> chatTemplate() {
    return chatTemplates.standard();
  }

  /**
   * One of several templates, for checkpoints that name theirs, for instance {@code tool_use}.
   *
   * @param name the template's name
   * @return the template, if the checkpoint has one of this name
   * @throws TokenizerException if the template cannot be read
   */
  public Optional<ChatTemplate> chatTemplate(String name) {
    return chatTemplates.get(name);
  }

  /** Releases the native memory. Closing twice does nothing. */
  @Override
  public void close() {
    tokens.close();
  }

  private OptionalInt role(String role) {
    String token = definition.names().byRole().get(role);
    return token == null ? OptionalInt.empty() : tokenId(token);
  }

  private static OptionalInt maskId(
      SpecialTokenNames names, Map<String, Integer> ids, JsonNode modelConfig) {
    String named = names.byRole().get("mask_token");
    if (named != null && ids.containsKey(named)) {
      return OptionalInt.of(ids.get(named));
    }
    JsonNode configured = modelConfig.path("mask_token_id");
    if (configured.isInt() && configured.intValue() >= 0) {
      return OptionalInt.of(configured.intValue());
    }
    for (String known : KNOWN_MASKS) {
      Integer id = ids.get(known);
      if (id != null) {
        return OptionalInt.of(id);
      }
    }
    return OptionalInt.empty();
  }

  /** Native strings are UTF-8, where half of a surrogate pair has no place. */
  private static String wellFormed(String text) {
    StringBuilder repaired = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      repaired = repaired == null ? new StringBuilder(text) : repaired;
      repaired.setCharAt(i, '\uFFFD');
    }
    return repaired == null ? text : repaired.toString();
  }

  /** What Hugging Face does where clean_up_tokenization_spaces is set. */
  private static String cleanUp(String text) {
    return text.replace(" .", ".")
        .replace(" ?", "?")
        .replace(" !", "!")
        .replace(" ,", ",")
        .replace(" ' ", "'")
        .replace(" n't", "n't")
        .replace(" 'm", "'m")
        .replace(" 's", "'s")
        .replace(" 've", "'ve")
        .replace(" 're", "'re");
  }

  /**
   * What {@link Tokenizer#encode} does about special tokens such as {@code <|im_start|>}. In every
   * policy a special token written out in the text becomes its own id.
   */
  public enum SpecialTokens {
    /**
     * Also add what the checkpoint's post-processor adds around a text, for instance a
     * beginning-of-text token. Hugging Face calls this {@code add_special_tokens=True}; the files
     * of Dream and LLaDA add nothing.
     */
    ADD,

    /** Add nothing. The right choice for a text that a chat template has rendered. */
    AS_WRITTEN
  }
}
