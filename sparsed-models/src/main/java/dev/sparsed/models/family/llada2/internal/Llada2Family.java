package dev.sparsed.models.family.llada2.internal;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.family.lladamoe.internal.LingFamily;
import dev.sparsed.models.family.qwen.SdarDecoding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/** LLaDA2.0 and LLaDA2.1. */
public final class Llada2Family extends LingFamily {

  private static final String MODEL_CLASS = "LLaDA2MoeModelLM";

  /** Tokens per block of the published models, which their configuration does not mention. */
  static final int PUBLISHED_BLOCK_LENGTH = 32;

  /** The published generation call as configured by default; its rule is SDAR's. */
  private static final SdarDecoding DECODING =
      new SdarDecoding(
          SdarDecoding.Remasking.LOW_CONFIDENCE_DYNAMIC,
          0.95,
          0,
          OptionalDouble.empty(),
          OptionalInt.empty(),
          PUBLISHED_BLOCK_LENGTH,
          PUBLISHED_BLOCK_LENGTH);

  /** LLaDA2.0-mini. */
  private static final Architecture LLADA2_MINI =
      Architecture.builder()
          .vocabulary(157_184)
          .maxPositions(32_768)
          .layers(20)
          .widths(2048, 5120)
          .experts(new Experts(256, 8, 512, 512, 1, Experts.Score.SIGMOID, true, 8, 4, true, 2.5))
          .heads(16, 4, 128)
          .queryKeyNorms(true)
          .rotary(Rotary.of(600_000).withShare(0.5))
          .causalBlock(PUBLISHED_BLOCK_LENGTH)
          .build();

  /** The family. */
  public Llada2Family() {}

  @Override
  public String name() {
    return "LLaDA2";
  }

  @Override
  public Set<String> modelClasses() {
    return Set.of(MODEL_CLASS);
  }

  @Override
  public Architecture architecture(ConfigFields fields) {
    return Llada2Fields.read(fields);
  }

  @Override
  public FamilyDecoding decoding(ConfigFields fields, Architecture architecture) {
    return DECODING
        .withBlockLength(architecture.causalBlock().orElse(PUBLISHED_BLOCK_LENGTH))
        .asDefaultOf(name());
  }

  @Override
  public String moduleName(ModelPart part, int layer) {
    String in = "model.layers." + layer + ".attention.";
    return switch (part) {
      case EMBEDDING -> "model.word_embeddings";
      case QUERY, KEY, VALUE -> in + "query_key_value";
      case QUERY_NORM -> in + "query_layernorm";
      case KEY_NORM -> in + "key_layernorm";
      case OUTPUT -> in + "dense";
      default -> part.commonName(layer);
    };
  }

  @Override
  public List<ModelTemplate> templates() {
    return List.of(new ModelTemplate("llada2-mini", this, MODEL_CLASS, LLADA2_MINI, TOKENS));
  }

  @Override
  public Optional<ModelFamily.ConfigFiles> files(Architecture architecture, ModelTokens tokens) {
    return Optional.of(Llada2Fields.written(architecture, tokens));
  }
}
