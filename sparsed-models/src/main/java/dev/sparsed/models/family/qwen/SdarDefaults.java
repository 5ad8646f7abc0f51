package dev.sparsed.models.family.qwen;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What SDAR's published script decodes with, and others by its rule.
 *
 * @param family the family's name
 * @param published the script's defaults, in the model's blocks
 */
record SdarDefaults(String family, SdarDecoding published) implements FamilyDecoding {

  /** Blocks are counted from the sequence's start, so that none of the generation's need fit. */
  @Override
  public OptionalInt blockLength(Method method) {
    return OptionalInt.empty();
  }

  @Override
  public DecodingPolicy policy(Method method, Sampling sampling, OptionalInt blockLength) {
    refuse("alg_temp", sampling.algorithmTemperature().isPresent());
    refuse("cfg_scale", sampling.guidance().isPresent());
    int block = blockLength.orElse(published.blockLength());
    return new SdarDecoding(
        sampling.algorithm().map(SdarDecoding.Remasking::of).orElse(published.remasking()),
        published.threshold(),
        sampling.temperature().orElse(published.temperature()),
        sampling.topP(),
        sampling.topK(),
        block,
        Math.min(block, published.stepsPerBlock()));
  }

  private void refuse(String setting, boolean given) {
    if (given) {
      throw new ForeignSettingException(setting, family);
    }
  }

  @Override
  public Map<String, String> settings(DecodingPolicy policy) {
    SdarDecoding sdar = (SdarDecoding) policy;
    return ImmutableMap.of(
        "sampling_alg",
        sdar.remasking().publishedName(),
        "temperature",
        Double.toString(sdar.temperature()),
        "top_p",
        sdar.topP().isPresent() ? Double.toString(sdar.topP().getAsDouble()) : "none",
        "top_k",
        sdar.topK().isPresent() ? Integer.toString(sdar.topK().getAsInt()) : "none",
        "block",
        sdar.blockLength() + " in " + sdar.stepsPerBlock() + " steps above " + sdar.threshold());
  }

  @Override
  public DecodingPolicy ofCheckpoint(int generationLength, CachePolicy cache) {
    return published;
  }
}
