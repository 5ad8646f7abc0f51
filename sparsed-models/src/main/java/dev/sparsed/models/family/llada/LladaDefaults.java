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

/** What LLaDA's published script decodes with; it has its defaults in itself. */
final class LladaDefaults implements FamilyDecoding {

  @Override
  public OptionalInt blockLength(Method method) {
    return OptionalInt.of(BlockSteps.PUBLISHED_LENGTH);
  }

  @Override
  public DecodingPolicy policy(Method method, Sampling sampling, OptionalInt blockLength) {
    refuse("top_p", sampling.topP().isPresent());
    refuse("top_k", sampling.topK().isPresent());
    refuse("alg_temp", sampling.algorithmTemperature().isPresent());
    LladaDecoding published = LladaDecoding.DEFAULT;
    return new LladaDecoding(
        sampling.algorithm().map(Remasking::of).orElse(published.remasking()),
        sampling.temperature().orElse(published.temperature()),
        sampling.guidance().orElse(published.guidance()),
        blockLength.orElse(published.blockLength()));
  }

  private static void refuse(String setting, boolean given) {
    if (given) {
      throw new ForeignSettingException(setting, "LLaDA");
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
    return LladaDecoding.DEFAULT.withBlockLength(BlockSteps.usualLength(generationLength));
  }
}
