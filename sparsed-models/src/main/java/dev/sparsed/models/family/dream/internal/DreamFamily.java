package dev.sparsed.models.family.dream.internal;

import static java.util.Map.entry;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.family.dream.DreamDecoding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Dream: grouped-query attention with query, key and value biases, rotary positions in the model's
 * type, logits shifted by one position.
 */
public final class DreamFamily implements ModelFamily {

  private static final String MODEL_CLASS = "DreamModel";
  private static final int MASK = 151_666;
  private static final int END = 151_643;

  /** Dream-v0-Instruct-7B. */
  private static final Architecture DREAM_7B =
      Architecture.builder()
          .vocabulary(152_064)
          .maxPositions(131_072)
          .layers(28)
          .widths(3584, 18_944)
          .heads(28, 4)
          .biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE)
          .rotary(Rotary.of(1e6))
          .logitShift(1)
          .build();

  private static final ModelTokens TOKENS =
      new ModelTokens(MASK, OptionalInt.of(END), OptionalInt.of(END), OptionalInt.of(END));

  /** The family. */
  public DreamFamily() {}

  @Override
  public String name() {
    return "Dream";
  }

  @Override
  public Set<String> modelClasses() {
    return Set.of(MODEL_CLASS);
  }

  @Override
  public Set<String> modelTypes() {
    return Set.of("dream");
  }

  /** Absent fields take the defaults of the published configuration class. */
  @Override
  public Architecture architecture(ConfigFields fields) {
    passOver(fields);
    fields.supportsOnlySilu("hidden_act", "silu");
    fields.supportsOnly("use_sliding_window", false, false);
    fields.supportsOnly("right_shift_logits", true, true);
    int hidden = fields.width("hidden_size", 4096);
    int positions = fields.integer("max_position_embeddings", 32_768, 1, Integer.MAX_VALUE);
    int heads = fields.width("num_attention_heads", 32);
    boolean saysNull = fields.has("num_key_value_heads");
    return Architecture.builder()
        .vocabulary(fields.width("vocab_size", 151_936))
        .maxPositions(positions)
        .layers(fields.layers("num_hidden_layers", 32))
        .widths(hidden, fields.width("intermediate_size", 22_016))
        .heads(
            heads,
            fields.width("num_key_value_heads", saysNull ? heads : 32),
            fields.dividedHeadDimension(hidden, heads))
        .biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE)
        .normEpsilon(fields.number("rms_norm_eps", 1e-6, 0))
        .rotary(fields.rotary(positions))
        .tiedHead(fields.flag("tie_word_embeddings", false))
        .logitShift(1)
        .build();
  }

  private static void passOver(ConfigFields fields) {
    // The published class has biases on queries, keys and values whatever these say.
    fields.harmless("attention_bias", "mlp_bias");
    fields.harmless("attention_dropout", "initializer_range", "output_history");
    // Only read where use_sliding_window is set, which is refused.
    fields.harmless("max_window_layers", "sliding_window");
    fields.otherName("d_model", "hidden_size");
    fields.otherName("n_heads", "num_attention_heads");
    fields.otherName("n_kv_heads", "num_key_value_heads");
    fields.otherName("n_layers", "num_hidden_layers");
    fields.otherName("mlp_hidden_size", "intermediate_size");
    fields.otherName("max_sequence_length", "max_position_embeddings");
  }

  @Override
  public FamilyDecoding decoding(ConfigFields fields, Architecture architecture) {
    return DreamDecoding.DEMO.asDefaultOf(name(), DreamSampling.read(fields));
  }

  @Override
  public OptionalInt publishedMask() {
    return OptionalInt.of(MASK);
  }

  @Override
  public Set<String> maskNames() {
    return Set.of("<|mask|>");
  }

  @Override
  public OptionalInt publishedPad() {
    return OptionalInt.of(END);
  }

  @Override
  public Optional<String> publishedModel() {
    return Optional.of("Dream-org/Dream-v0-Instruct-7B");
  }

  @Override
  public List<ModelTemplate> templates() {
    return List.of(new ModelTemplate("dream-7b", this, MODEL_CLASS, DREAM_7B, TOKENS));
  }

  @Override
  public Optional<ModelFamily.ConfigFiles> files(Architecture architecture, ModelTokens tokens) {
    return Optional.of(
        ModelFamily.ConfigFiles.withSharedNames(
            architecture, tokens, config(architecture), generation(tokens)));
  }

  private static Map<String, Object> config(Architecture architecture) {
    return Map.ofEntries(
        entry(
            "auto_map",
            Map.of(
                "AutoConfig",
                "configuration_dream.DreamConfig",
                "AutoModel",
                "modeling_dream.DreamModel")),
        entry("intermediate_size", architecture.feedForwardSize()),
        entry("max_window_layers", architecture.layers()),
        entry("model_type", "Dream"),
        entry("sliding_window", Optional.empty()),
        entry("transformers_version", "4.46.2"),
        entry("use_cache", true),
        entry("use_sliding_window", false));
  }

  private static Map<String, Object> generation(ModelTokens tokens) {
    return Map.ofEntries(
        entry("_from_model_config", true),
        entry("alg", "origin"),
        entry("alg_temp", Optional.empty()),
        entry("bos_token_id", tokens.begin()),
        entry("eos_token_id", tokens.end()),
        entry("eps", 0.001),
        entry("mask_token_id", Optional.empty()),
        entry("output_history", false),
        entry("pad_token_id", tokens.pad()),
        entry("steps", 512),
        entry("temperature", 0.0),
        entry("top_k", Optional.empty()),
        entry("top_p", Optional.empty()),
        entry("transformers_version", "4.46.2"));
  }
}
