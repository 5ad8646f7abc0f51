package dev.sparsed.models.family.dream;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What Dream's published code decodes with.
 *
 * @param checkpoint what it takes from {@code config.json}, where absent fields have Hugging Face's
 *     defaults (temperature 1, top-k 50, top-p 1), and not from {@code generation_config.json}
 */
record DreamDefaults(DreamDecoding checkpoint) implements FamilyDecoding {

  static DreamDefaults of(ConfigFields fields) {
    // A caller says how many steps there are.
    fields.harmless("steps");
    return new DreamDefaults(
        new DreamDecoding(
            algorithm(fields),
            fields.number("temperature", 1.0, 0),
            topP(fields),
            topK(fields),
            fields.number("alg_temp", 0, 0),
            fields.share("eps", DreamDecoding.DEFAULT.epsilon())));
  }

  /** An explicit null switches the limit off; an absent field has the default. */
  private static OptionalInt topK(ConfigFields fields) {
    return fields.has("top_k")
        ? fields.optionalInteger("top_k", 1, Integer.MAX_VALUE)
        : OptionalInt.of(50);
  }

  /** As top-k; the published code takes everything from 1 on for no limit. */
  private static OptionalDouble topP(ConfigFields fields) {
    if (!fields.has("top_p")) {
      return OptionalDouble.of(1);
    }
    OptionalDouble share = fields.optionalNumber("top_p", 0);
    return share.isPresent() ? OptionalDouble.of(Math.min(share.getAsDouble(), 1)) : share;
  }

  private static DreamAlgorithm algorithm(ConfigFields fields) {
    return DreamAlgorithm.of(
        fields.choice(
            "alg",
            Arrays.stream(DreamAlgorithm.values()).map(DreamAlgorithm::publishedName).toList()));
  }

  /** All masked positions compete unless the method needs blocks. */
  @Override
  public OptionalInt blockLength(Method method) {
    return method.needsBlocks() ? OptionalInt.of(BlockSteps.PUBLISHED_LENGTH) : OptionalInt.empty();
  }

  @Override
  public DecodingPolicy policy(Method method, Sampling sampling, OptionalInt blockLength) {
    if (sampling.guidance().isPresent()) {
      throw new ForeignSettingException("cfg_scale", "Dream");
    }
    DreamDecoding published = DreamDecoding.DEMO;
    // Fast-dLLM's cached loop ranks by entropy, its parallel one by confidence.
    DreamAlgorithm usual =
        method.decoding().threshold().isPresent()
            ? published.algorithm()
            : algorithmWith(method.cache()).orElse(published.algorithm());
    DreamDecoding decoding =
        new DreamDecoding(
            sampling.algorithm().map(DreamAlgorithm::of).orElse(usual),
            sampling.temperature().orElse(published.temperature()),
            sampling.topP().isPresent() ? sampling.topP() : published.topP(),
            sampling.topK().isPresent() ? sampling.topK() : checkpoint.topK(),
            sampling.algorithmTemperature().orElse(published.algorithmTemperature()),
            checkpoint.epsilon());
    return blockLength.isPresent()
        ? decoding.withBlocks(DreamBlocks.of(blockLength.getAsInt()))
        : decoding;
  }

  @Override
  public Map<String, String> settings(DecodingPolicy policy) {
    DreamDecoding dream = (DreamDecoding) policy;
    return ImmutableMap.of(
        "sampling_alg", dream.algorithm().publishedName(),
        "temperature", Double.toString(dream.temperature()),
        "top_p", dream.topP().isPresent() ? Double.toString(dream.topP().getAsDouble()) : "none",
        "top_k", dream.topK().isPresent() ? Integer.toString(dream.topK().getAsInt()) : "none",
        "alg_temp", Double.toString(dream.algorithmTemperature()));
  }

  @Override
  public DecodingPolicy ofCheckpoint(int generationLength, CachePolicy cache) {
    return cache.needsBlocks()
        ? algorithmWith(cache)
            .map(checkpoint::withAlgorithm)
            .orElse(checkpoint)
            .withBlocks(DreamBlocks.of(BlockSteps.usualLength(generationLength)))
        : checkpoint;
  }

  /** What the published loop with a cache ranks by, whatever it is asked for. */
  private static Optional<DreamAlgorithm> algorithmWith(CachePolicy cache) {
    return cache instanceof PrefixCache || cache instanceof DualCache
        ? Optional.of(DreamAlgorithm.ENTROPY)
        : Optional.empty();
  }
}
