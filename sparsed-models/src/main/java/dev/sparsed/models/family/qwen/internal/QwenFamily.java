package dev.sparsed.models.family.qwen.internal;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import dev.sparsed.models.family.qwen.FastDllmDecoding;
import dev.sparsed.models.family.qwen.SdarDecoding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Qwen 2 and Qwen 3 as diffusion models. Of the classes, {@code Qwen2ForCausalLM} is Open-dLLM's,
 * whose logits are shifted; an autoregressive model of that class has no mask token and is refused
 * for it.
 */
public final class QwenFamily implements ModelFamily {

  static final String A2D_QWEN2 = "A2DQwen2LMHeadModel";
  static final String A2D_QWEN3 = "A2DQwen3LMHeadModel";
  static final String OPEN_DLLM = "Qwen2ForCausalLM";
  static final String SDAR = "SDARForCausalLM";
  static final String FAST_DLLM = "Fast_dLLM_QwenForCausalLM";

  /** The dLLM library's masked-diffusion sampler as configured by default. */
  private static final LladaDecoding A2D_DECODING =
      LladaDecoding.DEFAULT.withBlockLength(128).withCounts(LladaDecoding.CommitCounts.ROUNDED);

  /** Open-dLLM's generation call as configured by default. */
  private static final DreamDecoding OPEN_DLLM_DECODING =
      new DreamDecoding(
          DreamDecoding.Algorithm.ENTROPY, 0, OptionalDouble.empty(), OptionalInt.empty(), 0, 1e-3);

  /** Qwen3-0.6B. */
  private static final Architecture QWEN3_06B =
      Architecture.builder()
          .vocabulary(151_936)
          .maxPositions(40_960)
          .layers(28)
          .widths(1024, 3072)
          .heads(16, 8, 128)
          .queryKeyNorms(true)
          .rotary(Rotary.of(1e6))
          .tiedHead(true)
          .build();

  /** SDAR-1.7B-Chat, made of Qwen3-1.7B. */
  private static final Architecture SDAR_17B =
      QWEN3_06B.toBuilder()
          .maxPositions(32_768)
          .widths(2048, 6144)
          .heads(16, 8, 128)
          .tiedHead(false)
          .causalBlock(SdarDecoding.PUBLISHED_BLOCK_LENGTH)
          .build();

  /** Fast-dLLM v2 1.5B, made of Qwen2.5-1.5B-Instruct. */
  private static final Architecture FAST_DLLM_15B =
      Architecture.builder()
          .vocabulary(151_936)
          .maxPositions(32_768)
          .layers(28)
          .widths(1536, 8960)
          .heads(12, 2)
          .biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE)
          .rotary(Rotary.of(1e6))
          .tiedHead(true)
          .causalBlock(FastDllmDecoding.PUBLISHED_BLOCK_LENGTH)
          .logitShift(1)
          .build();

  private static final ModelTokens QWEN3_TOKENS =
      new ModelTokens(
          151_669, OptionalInt.of(151_643), OptionalInt.of(151_643), OptionalInt.of(151_645));

  private static final ModelTokens FAST_DLLM_TOKENS =
      new ModelTokens(
          151_665, OptionalInt.of(151_643), OptionalInt.of(151_643), OptionalInt.of(151_645));

  /** The family. */
  public QwenFamily() {}

  @Override
  public String name() {
    return "Qwen";
  }

  @Override
  public Set<String> modelClasses() {
    return ImmutableSet.of(A2D_QWEN3, A2D_QWEN2, OPEN_DLLM, SDAR, FAST_DLLM);
  }

  @Override
  public Architecture architecture(ConfigFields fields) {
    return QwenFields.read(fields);
  }

  @Override
  public FamilyDecoding decoding(ConfigFields fields, Architecture architecture) {
    if (architecture.causalBlock().isPresent()) {
      int block = architecture.causalBlock().getAsInt();
      return architecture.logitShift() == 0
          ? SdarDecoding.DEFAULT.withBlockLength(block).asDefaultOf("SDAR")
          : FastDllmDefaults.of(block);
    }
    return architecture.logitShift() == 0
        ? A2D_DECODING.asDefaultOf(name())
        : OPEN_DLLM_DECODING.asDefaultOf(name(), OPEN_DLLM_DECODING);
  }

  @Override
  public Set<String> maskNames() {
    return Set.of("<|mask|>");
  }

  @Override
  public List<ModelTemplate> templates() {
    return List.of(
        new ModelTemplate("qwen3-0.6b-a2d", this, A2D_QWEN3, QWEN3_06B, QWEN3_TOKENS),
        new ModelTemplate("sdar-1.7b", this, SDAR, SDAR_17B, QWEN3_TOKENS),
        new ModelTemplate("fast-dllm-v2-1.5b", this, FAST_DLLM, FAST_DLLM_15B, FAST_DLLM_TOKENS));
  }

  @Override
  public Optional<ModelFamily.ConfigFiles> files(Architecture architecture, ModelTokens tokens) {
    return Optional.of(QwenFields.written(architecture, tokens));
  }
}
