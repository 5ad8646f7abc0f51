package dev.sparsed.models.family.llada.internal;

import static java.util.Map.entry;

import dev.sparsed.attention.ScoreScale;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * LLaDA with llama-type blocks: attention without biases, optionally with fewer key and value
 * heads, rotary positions in float32.
 */
public final class LladaFamily implements ModelFamily {

  private static final String MODEL_CLASS = "LLaDAModelLM";
  private static final int MASK = 126_336;
  private static final int END = 126_081;

  /** LLaDA-8B-Instruct, whose architecture is LLaDA-1.5's too. */
  private static final Architecture LLADA_8B =
      Architecture.builder()
          .vocabulary(126_464)
          .maxPositions(4096)
          .layers(32)
          .widths(4096, 12_288)
          .heads(32, 32)
          .normEpsilon(1e-5)
          .rotary(Rotary.of(500_000).in(Rotary.Precision.FLOAT32))
          .scoreScale(ScoreScale.HEAD_COUNT)
          .build();

  private static final ModelTokens TOKENS =
      new ModelTokens(MASK, OptionalInt.of(END), OptionalInt.empty(), OptionalInt.of(END));

  /** The family. */
  public LladaFamily() {}

  @Override
  public String name() {
    return "LLaDA";
  }

  @Override
  public Set<String> modelClasses() {
    return Set.of(MODEL_CLASS);
  }

  @Override
  public Set<String> modelTypes() {
    return Set.of("llada");
  }

  @Override
  public Architecture architecture(ConfigFields fields) {
    return LladaFields.read(fields);
  }

  @Override
  public FamilyDecoding decoding(ConfigFields fields, Architecture architecture) {
    return LladaDecoding.DEFAULT.asDefaultOf(name());
  }

  @Override
  public String moduleName(ModelPart part, int layer) {
    String block = "model.transformer.blocks." + layer + ".";
    return switch (part) {
      case EMBEDDING -> "model.transformer.wte";
      case ATTENTION_NORM -> block + "attn_norm";
      case QUERY -> block + "q_proj";
      case KEY -> block + "k_proj";
      case VALUE -> block + "v_proj";
      case QUERY_NORM -> block + "q_norm";
      case KEY_NORM -> block + "k_norm";
      case OUTPUT -> block + "attn_out";
      case FEED_FORWARD_NORM -> block + "ff_norm";
      case GATE -> block + "ff_proj";
      case UP -> block + "up_proj";
      case DOWN -> block + "ff_out";
      case FINAL_NORM -> "model.transformer.ln_f";
      case HEAD -> "model.transformer.ff_out";
      case ROUTER, ROUTER_CORRECTION, SHARED_GATE, SHARED_UP, SHARED_DOWN -> part.commonName(layer);
    };
  }

  /**
   * The published generation code passes its mask itself; its configuration class would fall back
   * to 50256.
   */
  @Override
  public OptionalInt publishedMask() {
    return OptionalInt.of(MASK);
  }

  @Override
  public Set<String> maskNames() {
    return Set.of("<|mdm_mask|>");
  }

  @Override
  public Optional<String> publishedModel() {
    return Optional.of("GSAI-ML/LLaDA-1.5");
  }

  @Override
  public List<ModelTemplate> templates() {
    return List.of(new ModelTemplate("llada-8b", this, MODEL_CLASS, LLADA_8B, TOKENS));
  }

  @Override
  public Optional<ModelFamily.ConfigFiles> files(Architecture architecture, ModelTokens tokens) {
    return Optional.of(
        new ModelFamily.ConfigFiles(
            LladaFields.written(architecture, tokens),
            Map.ofEntries(
                entry("_from_model_config", true),
                entry("eos_token_id", tokens.end()),
                entry("pad_token_id", tokens.pad()),
                entry("transformers_version", "4.46.3"),
                entry("use_cache", false))));
  }
}
