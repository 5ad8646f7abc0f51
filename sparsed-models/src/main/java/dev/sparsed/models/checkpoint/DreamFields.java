package dev.sparsed.models.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.checkpoint.FieldRules.Refused;

/** What the fields of a Dream model's {@code config.json} are to us. */
final class DreamFields {

  /** Read by {@link DreamConfig}, or by {@link GenerationConfig} from the sampling's name on. */
  private static final ImmutableSet<String> HONOURED =
      ImmutableSet.of(
          "architectures",
          "bos_token_id",
          "dtype",
          "eos_token_id",
          "head_dim",
          "hidden_act",
          "hidden_size",
          "intermediate_size",
          "mask_token_id",
          "max_position_embeddings",
          "model_type",
          "num_attention_heads",
          "num_hidden_layers",
          "num_key_value_heads",
          "pad_token_id",
          "quantization_config",
          "rms_norm_eps",
          "rope_parameters",
          "rope_scaling",
          "rope_theta",
          "tie_word_embeddings",
          "torch_dtype",
          "use_sliding_window",
          "vocab_size",
          "alg",
          "alg_temp",
          "eps",
          "steps",
          "temperature",
          "top_k",
          "top_p");

  private static final ImmutableSet<String> HARMLESS =
      ImmutableSet.<String>builder()
          .addAll(CommonFields.HARMLESS)
          // The published class has biases on queries, keys and values whatever these say.
          .add("attention_bias", "mlp_bias")
          .add("attention_dropout", "initializer_range", "output_history")
          // Only read where use_sliding_window is set, which is refused.
          .add("max_window_layers", "sliding_window")
          .build();

  private static final ImmutableMap<String, String> OTHER_NAMES =
      ImmutableMap.<String, String>builder()
          .put("d_model", "hidden_size")
          .put("n_heads", "num_attention_heads")
          .put("n_kv_heads", "num_key_value_heads")
          .put("n_layers", "num_hidden_layers")
          .put("mlp_hidden_size", "intermediate_size")
          .put("max_sequence_length", "max_position_embeddings")
          .buildOrThrow();

  private static final ImmutableMap<String, Refused> REFUSED =
      ImmutableMap.<String, Refused>builder()
          .putAll(CommonFields.REFUSED)
          .put(
              "right_shift_logits",
              new Refused("logits that are not shifted by one position", Neutral::on))
          .buildOrThrow();

  static final FieldRules RULES = new FieldRules(HONOURED, HARMLESS, OTHER_NAMES, REFUSED);

  private DreamFields() {}
}
