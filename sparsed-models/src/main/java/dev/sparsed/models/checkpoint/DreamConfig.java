package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/**
 * The architecture of a Dream model ({@code DreamModel}): grouped-query attention with query, key
 * and value biases, rotary positions, RMSNorm, a SiLU-gated feed-forward part, logits shifted by
 * one position.
 *
 * @param vocabularySize token ids and rows of the embedding
 * @param hiddenSize width of the hidden states
 * @param intermediateSize inner width of the feed-forward part
 * @param layers number of transformer layers
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads, a divisor of {@code heads}
 * @param maxPositions positions that the model was trained for
 * @param normEpsilon what RMSNorm adds to the mean square
 * @param rotaryBase base of the rotary frequencies
 * @param tiedEmbeddings whether the head is the embedding matrix
 * @param maskToken id of the mask token
 * @param padToken id of the padding token
 * @param beginToken id of the token that begins a text
 * @param endToken id of the token that ends a text
 * @param weightType announced type of the stored weights
 */
public record DreamConfig(
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int maxPositions,
    double normEpsilon,
    double rotaryBase,
    boolean tiedEmbeddings,
    int maskToken,
    OptionalInt padToken,
    OptionalInt beginToken,
    OptionalInt endToken,
    TensorType weightType)
    implements ModelConfig {

  /** The architecture of Dream-v0-Instruct-7B. */
  public static final DreamConfig DREAM_7B =
      new DreamConfig(
          152_064,
          3584,
          18_944,
          28,
          28,
          4,
          131_072,
          1e-6,
          1e6,
          false,
          151_666,
          OptionalInt.of(151_643),
          OptionalInt.of(151_643),
          OptionalInt.of(151_643),
          TensorType.BF16);

  static final ConfigClass CLASS =
      new ConfigClass("DreamModel", "dream", DreamFields.RULES, DreamConfig::read);

  /** Absent fields take the defaults of the published configuration class. */
  private static DreamConfig read(ConfigFields fields, MaskToken.Sources mask) {
    fields.supportsOnly("hidden_act", ConfigRules.SILU, "silu");
    fields.supportsOnly("use_sliding_window", false, false);
    ConfigRules.refuseQuantization(fields);
    int vocabulary = fields.integer("vocab_size", 151_936, 1, LARGEST_WIDTH);
    int heads = fields.integer("num_attention_heads", 32, 1, LARGEST_WIDTH);
    int keyValueHeads =
        fields.integer(
            "num_key_value_heads",
            fields.has("num_key_value_heads") ? heads : 32,
            1,
            LARGEST_WIDTH);
    return new DreamConfig(
        vocabulary,
        fields.integer("hidden_size", 4096, 1, LARGEST_WIDTH),
        fields.integer("intermediate_size", 22_016, 1, LARGEST_WIDTH),
        fields.integer("num_hidden_layers", 32, 1, MOST_LAYERS),
        heads,
        keyValueHeads,
        fields.integer("max_position_embeddings", 32_768, 1, Integer.MAX_VALUE),
        fields.number("rms_norm_eps", 1e-6, 0),
        RotaryRules.base(fields),
        fields.flag("tie_word_embeddings", false),
        MaskToken.of(fields, DREAM_7B.maskToken(), vocabulary, mask),
        padToken(fields, vocabulary),
        ConfigRules.token(fields, "bos_token_id", vocabulary),
        ConfigRules.endToken(fields, vocabulary),
        fields.weightType());
  }

  /** The published default holds where the field is absent and the vocabulary has it. */
  private static OptionalInt padToken(ConfigFields fields, int vocabulary) {
    int published = DREAM_7B.padToken().orElseThrow();
    return fields.isNull("pad_token_id") && published < vocabulary
        ? OptionalInt.of(published)
        : ConfigRules.token(fields, "pad_token_id", vocabulary);
  }

  @Override
  public int embeddingRows() {
    return vocabularySize;
  }

  @Override
  public DreamConfig withLayers(int layers) {
    return new DreamConfig(
        vocabularySize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        keyValueHeads,
        maxPositions,
        normEpsilon,
        rotaryBase,
        tiedEmbeddings,
        maskToken,
        padToken,
        beginToken,
        endToken,
        weightType);
  }

  @Override
  public DreamConfig withWeightType(TensorType weightType) {
    return new DreamConfig(
        vocabularySize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        keyValueHeads,
        maxPositions,
        normEpsilon,
        rotaryBase,
        tiedEmbeddings,
        maskToken,
        padToken,
        beginToken,
        endToken,
        weightType);
  }

  @Override
  public ObjectNode toGenerationJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("_from_model_config", true);
    json.put("alg", "origin");
    json.putNull("alg_temp");
    ConfigRules.putToken(json, "bos_token_id", beginToken);
    ConfigRules.putToken(json, "eos_token_id", endToken);
    json.put("eps", 0.001);
    json.putNull("mask_token_id");
    json.put("output_history", false);
    ConfigRules.putToken(json, "pad_token_id", padToken);
    json.put("steps", 512);
    json.put("temperature", 0.0);
    json.putNull("top_k");
    json.putNull("top_p");
    json.put("transformers_version", "4.46.2");
    return json;
  }

  @Override
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add("DreamModel");
    json.put("attention_dropout", 0.0);
    json.putObject("auto_map")
        .put("AutoConfig", "configuration_dream.DreamConfig")
        .put("AutoModel", "modeling_dream.DreamModel");
    ConfigRules.putToken(json, "bos_token_id", beginToken);
    ConfigRules.putToken(json, "eos_token_id", endToken);
    json.put("hidden_act", "silu");
    json.put("hidden_size", hiddenSize);
    json.put("initializer_range", 0.02);
    json.put("intermediate_size", intermediateSize);
    json.put("mask_token_id", maskToken);
    json.put("max_position_embeddings", maxPositions);
    json.put("max_window_layers", layers);
    json.put("model_type", "Dream");
    json.put("num_attention_heads", heads);
    json.put("num_hidden_layers", layers);
    json.put("num_key_value_heads", keyValueHeads);
    ConfigRules.putToken(json, "pad_token_id", padToken);
    json.put("rms_norm_eps", normEpsilon);
    json.putNull("rope_scaling");
    json.put("rope_theta", rotaryBase);
    json.putNull("sliding_window");
    json.put("tie_word_embeddings", tiedEmbeddings);
    json.put("torch_dtype", ConfigRules.torchName(weightType));
    json.put("transformers_version", "4.46.2");
    json.put("use_cache", true);
    json.put("use_sliding_window", false);
    json.put("vocab_size", vocabularySize);
    return json;
  }
}
