package dev.sparsed.models.family.qwen.internal;

import static java.util.Map.entry;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ArchitectureBuilder;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.qwen.FastDllmDecoding;
import dev.sparsed.models.family.qwen.SdarDecoding;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The fields of a Qwen-like model's {@code config.json}, read and written. */
final class QwenFields {

  private QwenFields() {}

  /** Absent fields take the defaults of the published configuration classes. */
  static Architecture read(ConfigFields fields) {
    boolean sdar = fields.modelClass().equals(QwenFamily.SDAR);
    boolean fast = fields.modelClass().equals(QwenFamily.FAST_DLLM);
    boolean third = sdar || fields.modelClass().equals(QwenFamily.A2D_QWEN3);
    boolean shifted = fast || fields.modelClass().equals(QwenFamily.OPEN_DLLM);
    passOver(fields);
    fields.supportsOnlySilu("hidden_act", "silu");
    fields.supportsOnly("use_sliding_window", false, false);
    fields.supportsOnly("right_shift_logits", shifted, shifted);
    int hidden = fields.width("hidden_size", 4096);
    int positions = fields.integer("max_position_embeddings", 32_768, 1, Integer.MAX_VALUE);
    int heads = fields.width("num_attention_heads", 32);
    boolean saysNull = fields.has("num_key_value_heads");
    OptionalInt stated = fields.optionalInteger("head_dim", 1, ConfigFields.LARGEST_WIDTH);
    ArchitectureBuilder architecture =
        Architecture.builder()
            .vocabulary(fields.width("vocab_size", 151_936))
            .maxPositions(positions)
            .layers(fields.layers("num_hidden_layers", 32))
            .widths(hidden, fields.width("intermediate_size", 22_016))
            .heads(
                heads,
                fields.width("num_key_value_heads", saysNull ? heads : 32),
                stated.orElse(third ? 128 : 0))
            .queryKeyNorms(third)
            .normEpsilon(fields.number("rms_norm_eps", 1e-6, 0))
            .rotary(fields.rotary(positions))
            .tiedHead(fields.flag("tie_word_embeddings", false))
            .logitShift(shifted ? 1 : 0);
    if (!third) {
      architecture.biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE);
      // The second generation has these biases whatever the field says.
      fields.harmless("attention_bias");
    } else if (fields.flag("attention_bias", false)) {
      architecture.biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE, ModelPart.OUTPUT);
    }
    if (fast) {
      architecture.causalBlock(fields.width("bd_size", FastDllmDecoding.PUBLISHED_BLOCK_LENGTH));
      // Says how it was trained, and is spelled so.
      fields.harmless("conplemenrary_mask");
    }
    if (sdar) {
      architecture.causalBlock(fields.width("block_size", SdarDecoding.PUBLISHED_BLOCK_LENGTH));
      fields.harmless("debug", "ep_size", "fuse_cross_entropy", "micro_forward", "skip_checkpoint");
    }
    return architecture.build();
  }

  private static void passOver(ConfigFields fields) {
    fields.harmless("attention_dropout", "initializer_range");
    // Only read where use_sliding_window is set, which is refused.
    fields.harmless("max_window_layers", "sliding_window");
    // Their sampling is the caller's, whatever the model that they were made of was sampled with.
    fields.harmless("temperature", "top_k", "top_p");
    fields.otherName("d_model", "hidden_size");
    fields.otherName("n_heads", "num_attention_heads");
    fields.otherName("n_kv_heads", "num_key_value_heads");
    fields.otherName("n_layers", "num_hidden_layers");
  }

  /** Files from which {@link #read} gives the architecture. */
  static ModelFamily.ConfigFiles written(Architecture architecture, ModelTokens tokens) {
    boolean third = architecture.queryKeyNorms();
    boolean shifted = architecture.logitShift() > 0;
    return ModelFamily.ConfigFiles.withSharedNames(
        architecture,
        tokens,
        Map.ofEntries(
            entry(shifted ? "bd_size" : "block_size", architecture.causalBlock()),
            entry("attention_bias", third && !architecture.biased().isEmpty()),
            entry("head_dim", architecture.headDimension()),
            entry("intermediate_size", architecture.feedForwardSize()),
            entry("max_window_layers", architecture.layers()),
            entry("model_type", modelType(architecture)),
            entry("sliding_window", Optional.empty()),
            entry("transformers_version", "4.57.0"),
            entry("use_cache", false),
            entry("use_sliding_window", false)),
        Map.ofEntries(
            entry("_from_model_config", true),
            entry("bos_token_id", tokens.begin()),
            entry("eos_token_id", tokens.end()),
            entry("pad_token_id", tokens.pad()),
            entry("transformers_version", "4.57.0")));
  }

  private static String modelType(Architecture architecture) {
    boolean shifted = architecture.logitShift() > 0;
    if (architecture.causalBlock().isPresent()) {
      return shifted ? "Fast_dLLM_Qwen" : "sdar";
    }
    String adapted = architecture.queryKeyNorms() ? "a2d-qwen3" : "a2d-qwen2";
    return shifted ? "qwen2" : adapted;
  }
}
