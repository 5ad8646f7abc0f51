package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * The architecture of a LLaDA model ({@code LLaDAModelLM}: LLaDA-8B, LLaDA-1.5) with llama-type
 * blocks: attention without biases, optionally with fewer key and value heads, rotary positions in
 * float32, RMSNorm, a SiLU-gated feed-forward part.
 *
 * @param vocabularySize number of token ids
 * @param embeddingRows rows of the embedding and of the head, at least {@code vocabularySize}
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
 * @param endToken id of the token that ends a text
 * @param weightType announced type of the stored weights
 */
public record LladaConfig(
    int vocabularySize,
    int embeddingRows,
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
    OptionalInt endToken,
    TensorType weightType)
    implements ModelConfig {

  /** The architecture of LLaDA-8B-Instruct and LLaDA-1.5. */
  public static final LladaConfig LLADA_8B =
      new LladaConfig(
          126_464,
          126_464,
          4096,
          12_288,
          32,
          32,
          32,
          4096,
          1e-5,
          500_000,
          false,
          126_336,
          OptionalInt.of(126_081),
          OptionalInt.of(126_081),
          TensorType.BF16);

  static final ConfigClass CLASS =
      new ConfigClass("LLaDAModelLM", "llada", LladaFields.RULES, LladaConfig::read);

  /**
   * Absent fields take the defaults of the published configuration class, whose blocks and norms
   * are not ours.
   */
  private static LladaConfig read(ConfigFields fields, MaskToken.Sources mask) {
    refuseUnsupported(fields);
    int vocabulary = fields.integer("vocab_size", 50_257, 1, LARGEST_WIDTH);
    int rows = embeddingRows(fields, vocabulary);
    int hidden = fields.integer("d_model", 768, 1, LARGEST_WIDTH);
    int heads = fields.integer("n_heads", 12, 1, LARGEST_WIDTH);
    return new LladaConfig(
        vocabulary,
        rows,
        hidden,
        intermediateSize(fields, hidden),
        fields.integer("n_layers", 12, 1, MOST_LAYERS),
        heads,
        keyValueHeads(fields, heads),
        fields.integer("max_sequence_length", 1024, 1, Integer.MAX_VALUE),
        fields.number("rms_norm_eps", 1e-5, 0),
        RotaryRules.base(fields),
        fields.flag("weight_tying", true),
        // The published generation code passes its mask itself; its configuration class would fall
        // back to 50256.
        MaskToken.of(fields, LLADA_8B.maskToken(), rows, mask),
        ConfigRules.token(fields, "pad_token_id", rows),
        ConfigRules.endToken(fields, rows),
        fields.weightType());
  }

  private static void refuseUnsupported(ConfigFields fields) {
    fields.supportsOnly("block_type", "llama", "sequential");
    fields.supportsOnly("layer_norm_type", "rms", "default");
    // "swiglu" halves the width inside the activation, which the llama block's own gate does not
    // fit.
    fields.supportsOnly("activation_type", ConfigRules.SILU, "swiglu");
    fields.supportsOnly("rope", true, false);
    fields.supportsOnly("rope_full_precision", true, true);
    fields.supportsOnly("alibi", false, false);
    fields.supportsOnly("attention_layer_norm", false, false);
    fields.supportsOnly("layer_norm_with_affine", true, true);
    fields.supportsOnly("include_bias", false, false);
    fields.supportsOnly("include_qkv_bias", false, false);
    fields.supportsOnly("bias_for_layer_norm", false, false);
    fields.supportsOnly("input_emb_norm", false, false);
    fields.supportsOnly("scale_logits", false, false);
    if (fields.integer("block_group_size", 1, 1, MOST_LAYERS) != 1) {
      fields.refuse("block_group_size is not 1; only ungrouped blocks are supported");
    }
    ConfigRules.refuseQuantization(fields);
  }

  /** An explicit null means the vocabulary itself, an absent field the published default. */
  private static int embeddingRows(ConfigFields fields, int vocabulary) {
    int fallback = fields.has("embedding_size") ? vocabulary : 50_304;
    int rows = fields.integer("embedding_size", fallback, 0, LARGEST_WIDTH);
    if (rows == 0) {
      return vocabulary;
    }
    if (rows < vocabulary) {
      fields.refuse(
          String.format(
              Locale.ROOT, "embedding_size is %d, less than vocab_size %d", rows, vocabulary));
    }
    return rows;
  }

  private static int intermediateSize(ConfigFields fields, int hidden) {
    OptionalInt stated = fields.optionalInteger("mlp_hidden_size", 1, LARGEST_WIDTH);
    int ratio = fields.integer("mlp_ratio", 4, 1, 1024);
    if (stated.isPresent()) {
      return stated.getAsInt();
    }
    long size = (long) hidden * ratio;
    if (size > LARGEST_WIDTH) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "mlp_ratio %d times d_model %d is more than %d",
              ratio,
              hidden,
              LARGEST_WIDTH));
      return 1;
    }
    return (int) size;
  }

  private static int keyValueHeads(ConfigFields fields, int heads) {
    OptionalInt stated = fields.optionalInteger("n_kv_heads", 1, LARGEST_WIDTH);
    boolean one = fields.flag("multi_query_attention", false);
    int implied = one ? 1 : heads;
    fields.ifPresent(
        "multi_query_attention",
        node -> {
          if (stated.isPresent() && stated.getAsInt() != implied) {
            fields.refuse(
                String.format(
                    Locale.ROOT,
                    "multi_query_attention %s asks for %d key/value heads, but n_kv_heads is %d",
                    one,
                    implied,
                    stated.getAsInt()));
          }
        });
    return stated.orElse(implied);
  }

  @Override
  public LladaConfig withLayers(int layers) {
    return new LladaConfig(
        vocabularySize,
        embeddingRows,
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
        endToken,
        weightType);
  }

  @Override
  public LladaConfig withWeightType(TensorType weightType) {
    return new LladaConfig(
        vocabularySize,
        embeddingRows,
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
        endToken,
        weightType);
  }

  @Override
  public ObjectNode toGenerationJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("_from_model_config", true);
    ConfigRules.putToken(json, "eos_token_id", endToken);
    ConfigRules.putToken(json, "pad_token_id", padToken);
    json.put("transformers_version", "4.46.3");
    json.put("use_cache", false);
    return json;
  }

  @Override
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("activation_type", "silu");
    json.put("alibi", false);
    json.put("alibi_bias_max", 8.0);
    json.putArray("architectures").add("LLaDAModelLM");
    json.put("attention_dropout", 0.0);
    json.put("attention_layer_norm", false);
    json.put("attention_layer_norm_with_affine", true);
    json.putObject("auto_map")
        .put("AutoConfig", "configuration_llada.LLaDAConfig")
        .put("AutoModelForCausalLM", "modeling_llada.LLaDAModelLM")
        .put("AutoModel", "modeling_llada.LLaDAModelLM");
    json.put("bias_for_layer_norm", false);
    json.put("block_group_size", 1);
    json.put("block_type", "llama");
    json.put("d_model", hiddenSize);
    json.put("embedding_dropout", 0.0);
    json.put("embedding_size", embeddingRows);
    ConfigRules.putToken(json, "eos_token_id", endToken);
    json.put("flash_attention", false);
    json.put("include_bias", false);
    json.put("include_qkv_bias", false);
    json.putNull("init_cutoff_factor");
    json.put("init_device", "meta");
    json.put("init_fn", "mitchell");
    json.put("init_std", 0.02);
    json.put("input_emb_norm", false);
    json.put("layer_norm_type", "rms");
    json.put("layer_norm_with_affine", true);
    json.put("mask_token_id", maskToken);
    json.put("max_sequence_length", maxPositions);
    json.put("mlp_hidden_size", intermediateSize);
    json.put("mlp_ratio", 4);
    json.put("model_type", "llada");
    json.putNull("multi_query_attention");
    json.put("n_heads", heads);
    json.put("n_kv_heads", keyValueHeads);
    json.put("n_layers", layers);
    ConfigRules.putToken(json, "pad_token_id", padToken);
    json.put("precision", "amp_bf16");
    json.put("residual_dropout", 0.0);
    json.put("rms_norm_eps", normEpsilon);
    json.put("rope", true);
    json.put("rope_full_precision", true);
    json.put("rope_theta", rotaryBase);
    json.put("scale_logits", false);
    json.put("torch_dtype", ConfigRules.torchName(weightType));
    json.put("transformers_version", "4.46.3");
    json.put("use_cache", false);
    json.put("vocab_size", vocabularySize);
    json.put("weight_tying", tiedEmbeddings);
    return json;
  }
}
