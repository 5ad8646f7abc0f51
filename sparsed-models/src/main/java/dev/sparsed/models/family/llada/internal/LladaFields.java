package dev.sparsed.models.family.llada.internal;

import static java.util.Map.entry;

import dev.sparsed.attention.ScoreScale;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The fields of a LLaDA model's {@code config.json}, read and written. */
final class LladaFields {

  private LladaFields() {}

  /**
   * Absent fields take the defaults of the published configuration class, whose blocks and norms
   * are not ours.
   */
  static Architecture read(ConfigFields fields) {
    passOver(fields);
    refuseUnsupported(fields);
    int vocabulary = fields.width("vocab_size", 50_257);
    int hidden = fields.width("d_model", 768);
    int positions = fields.integer("max_sequence_length", 1024, 1, Integer.MAX_VALUE);
    int heads = fields.width("n_heads", 12);
    return Architecture.builder()
        .vocabulary(vocabulary, embeddingRows(fields, vocabulary))
        .maxPositions(positions)
        .layers(fields.layers("n_layers", 12))
        .widths(hidden, feedForwardSize(fields, hidden))
        .heads(heads, kvHeads(fields, heads), fields.dividedHeadDimension(hidden, heads))
        .normEpsilon(fields.number("rms_norm_eps", 1e-5, 0))
        .rotary(fields.rotary(positions).in(Rotary.Precision.FLOAT32))
        .tiedHead(fields.flag("weight_tying", true))
        .scoreScale(ScoreScale.HEAD_COUNT)
        .build();
  }

  private static void passOver(ConfigFields fields) {
    // Only read where alibi or attention_layer_norm are set, which are refused.
    fields.harmless("alibi_bias_max", "attention_layer_norm_with_affine");
    fields.harmless("attention_bias", "attention_dropout", "embedding_dropout", "residual_dropout");
    fields.harmless("flash_attention", "precision");
    fields.harmless(
        "init_cutoff_factor", "init_device", "init_fn", "init_std", "initializer_range");
    // The published generation code has its defaults in itself.
    fields.harmless("alg", "alg_temp", "eps", "steps", "temperature", "top_k", "top_p");
    // The published class follows weight_tying.
    fields.harmless("tie_word_embeddings");
    fields.otherName("hidden_size", "d_model");
    fields.otherName("num_attention_heads", "n_heads");
    fields.otherName("num_key_value_heads", "n_kv_heads");
    fields.otherName("num_hidden_layers", "n_layers");
    fields.otherName("intermediate_size", "mlp_hidden_size");
    fields.otherName("max_position_embeddings", "max_sequence_length");
    fields.otherName("hidden_act", "activation_type");
  }

  private static void refuseUnsupported(ConfigFields fields) {
    fields.supportsOnly("block_type", "llama", "sequential");
    fields.supportsOnly("layer_norm_type", "rms", "default");
    // "swiglu" halves the width inside the activation, which the llama block's own gate does not
    // fit.
    fields.supportsOnlySilu("activation_type", "swiglu");
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
    fields.supportsOnly("right_shift_logits", false, false);
    fields.supportsOnly("use_sliding_window", false, false);
    fields.refuseIfThere("sliding_window", "attention within a window");
    if (fields.layers("block_group_size", 1) != 1) {
      fields.refuse("block_group_size is not 1; only ungrouped blocks are supported");
    }
  }

  /** An explicit null means the vocabulary itself, an absent field the published default. */
  private static int embeddingRows(ConfigFields fields, int vocabulary) {
    int fallback = fields.has("embedding_size") ? vocabulary : 50_304;
    int rows = fields.integer("embedding_size", fallback, 0, ConfigFields.LARGEST_WIDTH);
    if (rows == 0) {
      return vocabulary;
    }
    if (rows < vocabulary) {
      fields.refuse(
          String.format(
              Locale.ROOT, "embedding_size is %d, less than vocab_size %d", rows, vocabulary));
    }
    return Math.max(rows, vocabulary);
  }

  private static int feedForwardSize(ConfigFields fields, int hidden) {
    OptionalInt stated = fields.optionalInteger("mlp_hidden_size", 1, ConfigFields.LARGEST_WIDTH);
    if (stated.isPresent()) {
      fields.harmless("mlp_ratio");
      return stated.getAsInt();
    }
    int ratio = fields.integer("mlp_ratio", 4, 1, 1024);
    long size = (long) hidden * ratio;
    if (size > ConfigFields.LARGEST_WIDTH) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "mlp_ratio %d times d_model %d is more than %d",
              ratio,
              hidden,
              ConfigFields.LARGEST_WIDTH));
      return 1;
    }
    return (int) size;
  }

  private static int kvHeads(ConfigFields fields, int heads) {
    OptionalInt stated = fields.optionalInteger("n_kv_heads", 1, ConfigFields.LARGEST_WIDTH);
    boolean one = fields.flag("multi_query_attention", false);
    int implied = one ? 1 : heads;
    if (!fields.isNull("multi_query_attention")
        && stated.isPresent()
        && stated.getAsInt() != implied) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "multi_query_attention %s asks for %d key/value heads, but n_kv_heads is %d",
              one,
              implied,
              stated.getAsInt()));
    }
    return stated.orElse(implied);
  }

  /** A {@code config.json} from which {@link #read} gives the architecture. */
  static Map<String, Object> written(Architecture architecture, ModelTokens tokens) {
    return Map.ofEntries(
        entry("activation_type", "silu"),
        entry("alibi", false),
        entry("alibi_bias_max", 8.0),
        entry("attention_dropout", 0.0),
        entry("attention_layer_norm", false),
        entry("attention_layer_norm_with_affine", true),
        entry(
            "auto_map",
            Map.of(
                "AutoConfig",
                "configuration_llada.LLaDAConfig",
                "AutoModelForCausalLM",
                "modeling_llada.LLaDAModelLM",
                "AutoModel",
                "modeling_llada.LLaDAModelLM")),
        entry("bias_for_layer_norm", false),
        entry("block_group_size", 1),
        entry("block_type", "llama"),
        entry("d_model", architecture.hiddenSize()),
        entry("embedding_dropout", 0.0),
        entry("embedding_size", architecture.embeddingRows()),
        entry("eos_token_id", tokens.end()),
        entry("flash_attention", false),
        entry("include_bias", false),
        entry("include_qkv_bias", false),
        entry("init_cutoff_factor", Optional.empty()),
        entry("init_device", "meta"),
        entry("init_fn", "mitchell"),
        entry("init_std", 0.02),
        entry("input_emb_norm", false),
        entry("layer_norm_type", "rms"),
        entry("layer_norm_with_affine", true),
        entry("mask_token_id", tokens.mask()),
        entry("max_sequence_length", architecture.maxPositions()),
        entry("mlp_hidden_size", architecture.feedForwardSize()),
        entry("mlp_ratio", 4),
        entry("model_type", "llada"),
        entry("multi_query_attention", Optional.empty()),
        entry("n_heads", architecture.heads()),
        entry("n_kv_heads", architecture.kvHeads()),
        entry("n_layers", architecture.layers()),
        entry("pad_token_id", tokens.pad()),
        entry("precision", "amp_bf16"),
        entry("residual_dropout", 0.0),
        entry("rms_norm_eps", architecture.normEpsilon()),
        entry("rope", true),
        entry("rope_full_precision", true),
        entry("rope_scaling", architecture.rotary().scaling().map(Rotary.Scaling::published)),
        entry("rope_theta", architecture.rotary().base()),
        entry("scale_logits", false),
        entry("transformers_version", "4.46.3"),
        entry("use_cache", false),
        entry("vocab_size", architecture.vocabularySize()),
        entry("weight_tying", architecture.tiedHead()));
  }
}
