package dev.sparsed.models.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.checkpoint.FieldRules.Refused;

/** What the fields of a LLaDA model's {@code config.json} are to us. */
final class LladaFields {

  /** Read by {@link LladaConfig} or {@link GenerationConfig}. */
  private static final ImmutableSet<String> HONOURED =
      ImmutableSet.of(
          "activation_type",
          "alibi",
          "architectures",
          "attention_layer_norm",
          "bias_for_layer_norm",
          "block_group_size",
          "block_type",
          "bos_token_id",
          "d_model",
          "dtype",
          "embedding_size",
          "eos_token_id",
          "head_dim",
          "include_bias",
          "include_qkv_bias",
          "input_emb_norm",
          "layer_norm_type",
          "layer_norm_with_affine",
          "mask_token_id",
          "max_sequence_length",
          "mlp_hidden_size",
          "mlp_ratio",
          "model_type",
          "multi_query_attention",
          "n_heads",
          "n_kv_heads",
          "n_layers",
          "pad_token_id",
          "quantization_config",
          "rms_norm_eps",
          "rope",
          "rope_full_precision",
          "rope_parameters",
          "rope_scaling",
          "rope_theta",
          "scale_logits",
          "torch_dtype",
          "vocab_size",
          "weight_tying");

  private static final ImmutableSet<String> HARMLESS =
      ImmutableSet.<String>builder()
          .addAll(CommonFields.HARMLESS)
          // Only read where alibi or attention_layer_norm are set, which are refused.
          .add("alibi_bias_max", "attention_layer_norm_with_affine")
          .add("attention_bias", "attention_dropout", "embedding_dropout", "residual_dropout")
          .add("flash_attention", "precision")
          .add("init_cutoff_factor", "init_device", "init_fn", "init_std", "initializer_range")
          // The published generation code has its defaults in itself.
          .add("alg", "alg_temp", "eps", "steps", "temperature", "top_k", "top_p")
          // The published class follows weight_tying.
          .add("tie_word_embeddings")
          .build();

  private static final ImmutableMap<String, String> OTHER_NAMES =
      ImmutableMap.<String, String>builder()
          .put("hidden_size", "d_model")
          .put("num_attention_heads", "n_heads")
          .put("num_key_value_heads", "n_kv_heads")
          .put("num_hidden_layers", "n_layers")
          .put("intermediate_size", "mlp_hidden_size")
          .put("max_position_embeddings", "max_sequence_length")
          .put("hidden_act", "activation_type")
          .buildOrThrow();

  private static final ImmutableMap<String, Refused> REFUSED =
      ImmutableMap.<String, Refused>builder()
          .putAll(CommonFields.REFUSED)
          .put(
              "right_shift_logits",
              new Refused("logits that are shifted by one position", Neutral::off))
          .put("sliding_window", new Refused("attention within a window", Neutral::never))
          .put("use_sliding_window", new Refused("attention within a window", Neutral::off))
          .buildOrThrow();

  static final FieldRules RULES = new FieldRules(HONOURED, HARMLESS, OTHER_NAMES, REFUSED);

  private LladaFields() {}
}
