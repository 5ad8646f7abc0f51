package dev.sparsed.models.family.dream;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Dream's decoding as a family's own.
 *
 * @param family the family's name
 * @param published what its published script does
 * @param checkpoint what a checkpoint's own generation call does
 */
record DreamDefaults(String family, DreamDecoding published, DreamDecoding checkpoint)
    implements FamilyDecoding {

  /** All masked positions compete unless the method needs blocks. */
  @Override
  public OptionalInt blockLength(Method method) {
    return method.needsBlocks() ? OptionalInt.of(BlockSteps.PUBLISHED_LENGTH) : OptionalInt.empty();
  }

  @Override
  public DecodingPolicy policy(Method method, Sampling sampling, OptionalInt blockLength) {
    if (sampling.guidance().isPresent()) {
      throw new ForeignSettingException("cfg_scale", family);
    }
    // Fast-dLLM's cached loop ranks by entropy, its parallel one by confidence.
    DreamDecoding.Algorithm usual =
        method.decoding().threshold().isPresent()
            ? published.algorithm()
            : algorithmWith(method.cache()).orElse(published.algorithm());
    DreamDecoding decoding =
        new DreamDecoding(
            sampling.algorithm().map(DreamDecoding.Algorithm::of).orElse(usual),
            sampling.temperature().orElse(published.temperature()),
            sampling.topP().isPresent() ? sampling.topP() : published.topP(),
            sampling.topK().isPresent() ? sampling.topK() : checkpoint.topK(),
            sampling.algorithmTemperature().orElse(published.algorithmTemperature()),
            checkpoint.epsilon());
    return blockLength.isPresent()
        ? decoding.withBlocks(DreamDecoding.Blocks.of(blockLength.getAsInt()))
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
            .withBlocks(DreamDecoding.Blocks.of(BlockSteps.usualLength(generationLength)))
        : checkpoint;
  }

  /** What the published loop with a cache ranks by, whatever it is asked for. */
  private static Optional<DreamDecoding.Algorithm> algorithmWith(CachePolicy cache) {
    return cache instanceof PrefixCache || cache instanceof DualCache
        ? Optional.of(DreamDecoding.Algorithm.ENTROPY)
        : Optional.empty();
  }
}
