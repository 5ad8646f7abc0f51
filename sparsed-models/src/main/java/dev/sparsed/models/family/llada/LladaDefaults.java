package dev.sparsed.models.family.llada;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.Map;
import java.util.OptionalInt;

/**
 * LLaDA's decoding as a family's own.
 *
 * @param family the family's name
 * @param published what its published script does, which has its defaults in itself
 */
record LladaDefaults(String family, LladaDecoding published) implements FamilyDecoding {

  @Override
  public OptionalInt blockLength(Method method) {
    return OptionalInt.of(blockLength(method.needsBlocks()));
  }

  private int blockLength(boolean needed) {
    return needed
        ? Math.min(published.blockLength(), BlockSteps.PUBLISHED_LENGTH)
        : published.blockLength();
  }

  @Override
  public DecodingPolicy policy(Method method, Sampling sampling, OptionalInt blockLength) {
    refuse("top_p", sampling.topP().isPresent());
    refuse("top_k", sampling.topK().isPresent());
    refuse("alg_temp", sampling.algorithmTemperature().isPresent());
    return new LladaDecoding(
        sampling.algorithm().map(LladaDecoding.Remasking::of).orElse(published.remasking()),
        sampling.temperature().orElse(published.temperature()),
        sampling.guidance().orElse(published.guidance()),
        blockLength.orElse(published.blockLength()),
        published.counts());
  }

  private void refuse(String setting, boolean given) {
    if (given) {
      throw new ForeignSettingException(setting, family);
    }
  }

  @Override
  public Map<String, String> settings(DecodingPolicy policy) {
    LladaDecoding llada = (LladaDecoding) policy;
    return ImmutableMap.of(
        "sampling_alg", llada.remasking().publishedName(),
        "temperature", Double.toString(llada.temperature()),
        "cfg_scale", Double.toString(llada.guidance()));
  }

  @Override
  public DecodingPolicy ofCheckpoint(int generationLength, CachePolicy cache) {
    int block = blockLength(cache.needsBlocks());
    return published.withBlockLength(generationLength % block == 0 ? block : generationLength);
  }
}
