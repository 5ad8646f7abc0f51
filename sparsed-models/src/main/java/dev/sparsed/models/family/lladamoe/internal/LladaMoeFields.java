package dev.sparsed.models.family.lladamoe.internal;

import static java.util.Map.entry;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ArchitectureBuilder;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTokens;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** The fields of a LLaDA-MoE model's {@code config.json}, read and written. */
final class LladaMoeFields {

  private LladaMoeFields() {}

  /** The published configuration class has no sizes by default, so that these must be there. */
  static Architecture read(ConfigFields fields) {
    passOver(fields);
    refuseUnsupported(fields);
    int positions = fields.integer("max_position_embeddings", 4096, 1, Integer.MAX_VALUE);
    int heads = size(fields, "num_attention_heads", 1);
    int hidden = size(fields, "hidden_size", 2 * heads);
    size(fields, "num_hidden_layers", 1);
    int layers = fields.layers("num_hidden_layers", 1);
    ArchitectureBuilder architecture =
        Architecture.builder()
            .vocabulary(size(fields, "vocab_size", 1))
            .maxPositions(positions)
            .layers(layers)
            .widths(hidden, fields.width("dense_intermediate_size", hidden))
            .experts(experts(fields, layers))
            .heads(
                heads,
                fields.width("num_key_value_heads", heads),
                fields.dividedHeadDimension(hidden, heads))
            .queryKeyNorms(fields.flag("qk_layernorm", false))
            .normEpsilon(fields.number("rms_norm_eps", 1e-5, 0))
            .rotary(fields.partialRotary(positions, 1))
            .tiedHead(fields.flag("tie_word_embeddings", false));
    if (fields.flag("attention_bias", false)) {
      architecture.biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE, ModelPart.OUTPUT);
    }
    return architecture.build();
  }

  private static Experts experts(ConfigFields fields, int layers) {
    OptionalInt shared =
        fields.optionalInteger("shared_expert_intermediate_size", 0, ConfigFields.LARGEST_WIDTH);
    return Experts.softmax(
            size(fields, "num_experts", 1),
            size(fields, "num_experts_per_tok", 1),
            size(fields, "expert_intermediate_size", 1))
        .shared(shared.orElse(0), denseLayers(fields, layers));
  }

  /** A list of a 0 or a 1 per layer; those of 0 must come first. */
  private static int denseLayers(ConfigFields fields, int layers) {
    List<Integer> kinds = fields.integers("moe_layer_freq", 0, 1);
    if (kinds.size() != layers) {
      fields.refuse(
          "moe_layer_freq must say of each of the "
              + layers
              + " layers whether it has experts but says it of "
              + kinds.size());
      return 0;
    }
    int dense = (int) kinds.stream().filter(kind -> kind == 0).count();
    if (kinds.subList(0, dense).contains(1)) {
      fields.refuse(
          "moe_layer_freq puts layers without experts behind some with; only those at the beginning"
              + " are computed");
    }
    return dense;
  }

  private static int size(ConfigFields fields, String field, int standIn) {
    if (fields.isNull(field)) {
      fields.refuse(field + " is missing, of which the published class has no default");
    }
    return fields.width(field, standIn);
  }

  private static void passOver(ConfigFields fields) {
    fields.harmless("attention_dropout", "initializer_range");
    // Only read in training.
    fields.harmless("output_router_logits", "router_aux_loss_coef");
    // The published class reads these and computes the same whatever they are.
    fields.harmless("routed_scaling_factor", "router_num_group", "router_topk_group");
    // Only read where use_sliding_window is set, which is refused.
    fields.harmless("max_window_layers", "sliding_window");
    fields.harmless("temperature", "top_k", "top_p");
    fields.otherName("intermediate_size", "dense_intermediate_size");
    fields.otherName("moe_intermediate_size", "expert_intermediate_size");
    fields.otherName("d_model", "hidden_size");
    fields.otherName("n_heads", "num_attention_heads");
    fields.otherName("n_layers", "num_hidden_layers");
  }

  private static void refuseUnsupported(ConfigFields fields) {
    fields.supportsOnlySilu("hidden_act", "silu");
    fields.supportsOnly("use_sliding_window", false, false);
    fields.supportsOnly("moe_router_score_function", "softmax", "softmax");
    // The class adds this bias to the weights too; no published model has it.
    fields.supportsOnly("moe_router_enable_expert_bias", false, false);
    // The class has the weights as they are, whatever the field says.
    fields.supportsOnly("norm_topk_prob", false, false);
    fields.supportsOnly("right_shift_logits", false, false);
  }

  /** Files from which {@link #read} gives the architecture. */
  static ModelFamily.ConfigFiles written(Architecture architecture, ModelTokens tokens) {
    Experts experts = architecture.experts().orElseThrow();
    int shared = experts.sharedSize();
    return ModelFamily.ConfigFiles.withSharedNames(
        architecture,
        tokens,
        Map.ofEntries(
            entry("attention_bias", !architecture.biased().isEmpty()),
            entry("clip_qkv", Optional.empty()),
            entry("dense_intermediate_size", architecture.feedForwardSize()),
            entry("expert_intermediate_size", experts.feedForwardSize()),
            entry("model_type", "llada"),
            entry(
                "moe_layer_freq",
                IntStream.range(0, architecture.layers())
                    .mapToObj(layer -> layer < experts.firstLayer() ? 0 : 1)
                    .toList()),
            entry("moe_router_enable_expert_bias", false),
            entry("moe_router_score_function", "softmax"),
            entry("norm_topk_prob", Optional.empty()),
            entry("num_experts", experts.count()),
            entry("num_experts_per_tok", experts.perToken()),
            entry("output_router_logits", false),
            entry("partial_rotary_factor", architecture.rotary().share()),
            entry("qk_layernorm", architecture.queryKeyNorms()),
            entry(
                "shared_expert_intermediate_size",
                shared == 0 ? OptionalInt.empty() : OptionalInt.of(shared)),
            entry("transformers_version", "4.53.2"),
            entry("use_cache", false)),
        Map.ofEntries(
            entry("_from_model_config", true),
            entry("eos_token_id", tokens.end()),
            entry("pad_token_id", tokens.pad()),
            entry("transformers_version", "4.53.2"),
            entry("use_cache", false)));
  }
}
