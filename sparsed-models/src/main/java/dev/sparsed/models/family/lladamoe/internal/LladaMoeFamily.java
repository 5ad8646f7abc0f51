package dev.sparsed.models.family.lladamoe.internal;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** LLaDA-MoE, whose tokens each go through some experts of every layer. */
public final class LladaMoeFamily extends LingFamily {

  private static final String MODEL_CLASS = "LLaDAMoEModelLM";

  /** The model card's call. */
  private static final LladaDecoding DECODING = LladaDecoding.DEFAULT.withBlockLength(32);

  /** LLaDA-MoE-7B-A1B. */
  private static final Architecture LLADA_MOE_7B =
      Architecture.builder()
          .vocabulary(157_184)
          .maxPositions(8192)
          .layers(16)
          .widths(2048, 8192)
          .experts(Experts.softmax(64, 8, 1024))
          .heads(16, 16)
          .queryKeyNorms(true)
          .normEpsilon(1e-5)
          .rotary(Rotary.of(50_000))
          .build();

  /** The family. */
  public LladaMoeFamily() {}

  @Override
  public String name() {
    return "LLaDA-MoE";
  }

  @Override
  public Set<String> modelClasses() {
    return ImmutableSet.of(MODEL_CLASS, "LLaDAMoEModel");
  }

  @Override
  public Architecture architecture(ConfigFields fields) {
    return LladaMoeFields.read(fields);
  }

  @Override
  public FamilyDecoding decoding(ConfigFields fields, Architecture architecture) {
    return DECODING.asDefaultOf(name());
  }

  /** What every token goes through stands beside the experts, not among them. */
  @Override
  public String moduleName(ModelPart part, int layer) {
    return switch (part) {
      case SHARED_GATE, SHARED_UP, SHARED_DOWN ->
          part.commonName(layer).replace("mlp.shared_experts", "shared_expert");
      default -> part.commonName(layer);
    };
  }

  @Override
  public List<ModelTemplate> templates() {
    return List.of(new ModelTemplate("llada-moe-7b-a1b", this, MODEL_CLASS, LLADA_MOE_7B, TOKENS));
  }

  @Override
  public Optional<ModelFamily.ConfigFiles> files(Architecture architecture, ModelTokens tokens) {
    return Optional.of(LladaMoeFields.written(architecture, tokens));
  }
}
