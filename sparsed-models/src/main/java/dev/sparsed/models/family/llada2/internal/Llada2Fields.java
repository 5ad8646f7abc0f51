package dev.sparsed.models.family.llada2.internal;

import static java.util.Map.entry;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ArchitectureBuilder;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** The fields of a LLaDA2 model's {@code config.json}, read and written. */
final class Llada2Fields {

  private Llada2Fields() {}

  /** Absent fields take the defaults of the published configuration class. */
  static Architecture read(ConfigFields fields) {
    passOver(fields);
    refuseUnsupported(fields);
    int hidden = fields.width("hidden_size", 1024);
    int positions = fields.integer("max_position_embeddings", 16_384, 1, Integer.MAX_VALUE);
    int heads = fields.width("num_attention_heads", 16);
    int inner = fields.width("intermediate_size", hidden);
    OptionalInt headDimension = fields.optionalInteger("head_dim", 1, ConfigFields.LARGEST_WIDTH);
    ArchitectureBuilder architecture =
        Architecture.builder()
            .vocabulary(fields.width("vocab_size", 30_592))
            .maxPositions(positions)
            .layers(fields.layers("num_hidden_layers", 24))
            .widths(hidden, inner)
            .experts(experts(fields, inner))
            .heads(heads, fields.width("num_key_value_heads", heads), headDimension.orElse(0))
            .queryKeyNorms(fields.flag("use_qk_norm", true))
            .normEpsilon(fields.number("rms_norm_eps", 1e-5, 0))
            .rotary(fields.partialRotary(positions, 0.5))
            .tiedHead(fields.flag("tie_word_embeddings", false))
            .causalBlock(fields.width("block_size", Llada2Family.PUBLISHED_BLOCK_LENGTH));
    List<ModelPart> biased = new ArrayList<>();
    if (fields.flag("use_qkv_bias", false)) {
      biased.addAll(List.of(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE));
    }
    if (fields.flag("use_bias", true)) {
      biased.add(ModelPart.OUTPUT);
    }
    Architecture read = architecture.biased(biased.toArray(ModelPart[]::new)).build();
    checkRotatedPart(fields, read.rotatedDimensions());
    return read;
  }

  /** The published class goes by {@code partial_rotary_factor}, which the other field repeats. */
  private static void checkRotatedPart(ConfigFields fields, int rotated) {
    OptionalInt stated = fields.optionalInteger("rotary_dim", 1, ConfigFields.LARGEST_WIDTH);
    if (stated.isPresent() && stated.getAsInt() != rotated) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "rotary_dim is %d, but partial_rotary_factor asks for %d dimensions of each head",
              stated.getAsInt(),
              rotated));
    }
  }

  private static Experts experts(ConfigFields fields, int inner) {
    int size = fields.width("moe_intermediate_size", inner);
    return new Experts(
        fields.width("num_experts", 16),
        fields.width("num_experts_per_tok", 2),
        size,
        sharedSize(fields, size),
        fields.integer("first_k_dense_replace", 0, 0, ConfigFields.MOST_LAYERS),
        Experts.Score.SIGMOID,
        fields.flag("moe_router_enable_expert_bias", true),
        fields.width("n_group", 8),
        fields.width("topk_group", 4),
        true,
        fields.number("routed_scaling_factor", 2.5, 0));
  }

  private static int sharedSize(ConfigFields fields, int size) {
    long shared = (long) size * fields.integer("num_shared_experts", 0, 0, 1024);
    if (shared > ConfigFields.LARGEST_WIDTH) {
      fields.refuse(
          "num_shared_experts times moe_intermediate_size is " + shared + ", which is too wide");
      return 0;
    }
    return (int) shared;
  }

  private static void passOver(ConfigFields fields) {
    fields.harmless(
        "attention_dropout", "embedding_dropout", "output_dropout", "initializer_range");
    // Only read in training.
    fields.harmless(
        "output_router_logits", "router_aux_loss_coef", "mtp_loss_scaling_factor", "router_dtype");
    // Only read where use_sliding_window is set, which is refused.
    fields.harmless("max_window_layers", "sliding_window");
    // Read by neither of the published classes.
    fields.harmless("norm_softmax");
    // The published class takes the width of the experts times their number.
    fields.harmless("moe_shared_expert_intermediate_size");
    fields.harmless("temperature", "top_k", "top_p");
  }

  private static void refuseUnsupported(ConfigFields fields) {
    fields.supportsOnlySilu("hidden_act", "silu");
    fields.supportsOnly("use_sliding_window", false, false);
    fields.supportsOnly("norm_head", false, false);
    fields.supportsOnly("norm_topk_prob", true, true);
    fields.supportsOnly("score_function", "sigmoid", "sigmoid");
    fields.supportsOnly("use_rmsnorm", true, true);
    fields.supportsOnly("using_split_qkv_in_self_attention", false, false);
    fields.supportsOnly("right_shift_logits", false, false);
    if (fields.integer("num_nextn_predict_layers", 0, 0, ConfigFields.MOST_LAYERS) != 0) {
      fields.refuse("num_nextn_predict_layers is not 0; layers that predict more are not computed");
    }
  }

  /** Files from which {@link #read} gives the architecture. */
  static ModelFamily.ConfigFiles written(Architecture architecture, ModelTokens tokens) {
    Experts experts = architecture.experts().orElseThrow();
    return ModelFamily.ConfigFiles.withSharedNames(
        architecture,
        tokens,
        Map.ofEntries(
            entry("block_size", architecture.causalBlock()),
            entry("embedding_dropout", 0.0),
            entry("first_k_dense_replace", experts.firstLayer()),
            entry("head_dim", architecture.headDimension()),
            entry("intermediate_size", architecture.feedForwardSize()),
            entry("model_type", "llada2_moe"),
            entry("moe_intermediate_size", experts.feedForwardSize()),
            entry("moe_router_enable_expert_bias", experts.correctionBias()),
            entry("n_group", experts.groups()),
            entry("norm_head", false),
            entry("norm_topk_prob", true),
            entry("num_experts", experts.count()),
            entry("num_experts_per_tok", experts.perToken()),
            entry("num_shared_experts", experts.sharedSize() / experts.feedForwardSize()),
            entry("output_dropout", 0.0),
            entry("output_router_logits", false),
            entry("partial_rotary_factor", architecture.rotary().share()),
            entry("routed_scaling_factor", experts.scale()),
            entry("score_function", "sigmoid"),
            entry("topk_group", experts.groupsPerToken()),
            entry("transformers_version", "4.52.3"),
            entry("use_bias", architecture.biased().contains(ModelPart.OUTPUT)),
            entry("use_cache", false),
            entry("use_qk_norm", architecture.queryKeyNorms()),
            entry("use_qkv_bias", architecture.biased().contains(ModelPart.QUERY))),
        Map.ofEntries(
            entry("_from_model_config", true),
            entry("eos_token_id", tokens.end()),
            entry("pad_token_id", tokens.pad()),
            entry("transformers_version", "4.52.3"),
            entry("use_cache", false)));
  }
}
