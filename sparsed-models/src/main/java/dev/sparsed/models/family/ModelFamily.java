package dev.sparsed.models.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A family of models: what sets them apart from others, in one place. An implementation with a
 * public constructor without arguments that is named in {@code
 * META-INF/services/dev.sparsed.models.family.ModelFamily} is found on the class path, and its
 * checkpoints are loaded as any other. There is one object per class, used by several threads.
 *
 * <p>The name, the classes, the architecture and the decoding must be written; everything else has
 * defaults that fit a checkpoint whose tensors have the usual names and whose files name its
 * tokens.
 */
public interface ModelFamily {

  /** Added tokens that end a turn of a conversation, whatever a configuration calls the end. */
  Set<String> ENDS_OF_TURN = ImmutableSet.of("<|im_end|>", "<|eot_id|>");

  /**
   * The families that were found, those of this library among them.
   *
   * @return the families, ordered by name
   * @throws IllegalStateException if one that a jar announces cannot be made, or two read the same
   *     class
   */
  static List<ModelFamily> installed() {
    return InstalledFamilies.all();
  }

  /**
   * The name in messages; in lower case the name on the command line.
   *
   * @return letters, digits and hyphens
   */
  String name();

  /**
   * The classes that are read, as {@code architectures} in {@code config.json} names them.
   *
   * @return the names, the usual one first
   */
  Set<String> modelClasses();

  /**
   * What {@code model_type} says of models whose configuration names no class.
   *
   * @return names in lower case; none if such configurations are not read
   */
  default Set<String> modelTypes() {
    return Set.of();
  }

  /**
   * Reads a configuration.
   *
   * @param fields its fields; whatever is not computed is to be refused there
   * @return what the engine computes
   * @throws IllegalArgumentException if fields do not go together, which refuses the configuration
   */
  Architecture architecture(ConfigFields fields);

  /**
   * How the models of a checkpoint decode unless told otherwise.
   *
   * @param fields the fields of {@code config.json}, some of which may say so
   * @param architecture what {@link #architecture} read
   * @return the decoding
   */
  FamilyDecoding decoding(ConfigFields fields, Architecture architecture);

  /**
   * The name of a part's module in checkpoints; its tensors are called {@code NAME.weight} and
   * {@code NAME.bias}. Query, key and value of a layer may have the same name: they are then stored
   * in one tensor, the rows of one after those of the other.
   *
   * @param part the part
   * @param layer the layer, from 0; of no account for parts outside the layers
   * @return the name
   */
  default String moduleName(ModelPart part, int layer) {
    return part.commonName(layer);
  }

  /**
   * The name of the module of one expert's part.
   *
   * @param part {@link ModelPart#GATE}, {@link ModelPart#UP} or {@link ModelPart#DOWN}
   * @param layer the layer, from 0
   * @param expert the expert, from 0
   * @return the name
   */
  default String expertName(ModelPart part, int layer, int expert) {
    return part.commonName(layer).replace(".mlp.", ".mlp.experts." + expert + ".");
  }

  /**
   * The mask token of the published models, believed where a checkpoint's files name none and do
   * not contradict.
   *
   * @return its id; empty if files must name it
   */
  default OptionalInt publishedMask() {
    return OptionalInt.empty();
  }

  /**
   * Names of the mask token, in whatever part of a tokenizer they stand. Common names, and what a
   * tokenizer's files call its mask, are known among the added tokens anyway.
   *
   * @return the names
   */
  default Set<String> maskNames() {
    return Set.of();
  }

  /**
   * The padding token of models whose configuration does not mention one.
   *
   * @return its id; empty for none
   */
  default OptionalInt publishedPad() {
    return OptionalInt.empty();
  }

  /**
   * Added tokens that end a turn of a conversation, whatever a configuration calls the end of text.
   *
   * @return the names
   */
  default Set<String> endsOfTurn() {
    return ENDS_OF_TURN;
  }

  /**
   * The published model that stands for the family, for the command that is called as the family
   * is.
   *
   * @return {@code owner/name} on the Hugging Face hub; empty for no such command
   */
  default Optional<String> publishedModel() {
    return Optional.empty();
  }

  /**
   * Published shapes that random checkpoints can be made of.
   *
   * @return the templates, possibly none
   */
  default List<ModelTemplate> templates() {
    return List.of();
  }

  /**
   * The small files of a model in their published form, for checkpoints that are written.
   *
   * @param architecture what the model computes
   * @param tokens its special tokens
   * @return the files; empty if checkpoints of the family are only read
   */
  default Optional<ConfigFiles> files(Architecture architecture, ModelTokens tokens) {
    return Optional.empty();
  }

  /**
   * A model's small files in their published form: field to value, which is a text, a number, a
   * truth value, a list or a map of such, or an {@code Optional} or {@code OptionalInt}, written as
   * null where it is empty.
   *
   * @param config {@code config.json}, but for {@code architectures} and {@code torch_dtype}, which
   *     every family writes alike
   * @param generation {@code generation_config.json}
   */
  record ConfigFiles(Map<String, Object> config, Map<String, Object> generation) {

    /** Copies the fields. */
    public ConfigFiles {
      config = ImmutableMap.copyOf(config);
      generation = ImmutableMap.copyOf(generation);
    }

    /**
     * The files of a family whose fields have the names that most models of Hugging Face's library
     * share: sizes, special tokens, rotation, and an activation that is SiLU.
     *
     * @param architecture what the model computes
     * @param tokens its special tokens
     * @param config the other fields of {@code config.json}
     * @param generation {@code generation_config.json}
     * @return the files
     * @throws IllegalArgumentException if one of the other fields is a shared one
     */
    public static ConfigFiles withSharedNames(
        Architecture architecture,
        ModelTokens tokens,
        Map<String, Object> config,
        Map<String, Object> generation) {
      return new ConfigFiles(
          ImmutableMap.<String, Object>builder()
              .putAll(config)
              .put("attention_dropout", 0.0)
              .put("bos_token_id", tokens.begin())
              .put("eos_token_id", tokens.end())
              .put("hidden_act", "silu")
              .put("hidden_size", architecture.hiddenSize())
              .put("initializer_range", 0.02)
              .put("mask_token_id", tokens.mask())
              .put("max_position_embeddings", architecture.maxPositions())
              .put("num_attention_heads", architecture.heads())
              .put("num_hidden_layers", architecture.layers())
              .put("num_key_value_heads", architecture.kvHeads())
              .put("pad_token_id", tokens.pad())
              .put("rms_norm_eps", architecture.normEpsilon())
              .put("rope_scaling", architecture.rotary().scaling().map(Rotary.Scaling::published))
              .put("rope_theta", architecture.rotary().base())
              .put("tie_word_embeddings", architecture.tiedHead())
              .put("vocab_size", architecture.vocabularySize())
              .buildOrThrow(),
          generation);
    }
  }
}
