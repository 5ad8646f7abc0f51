package dev.sparsed.models.family.qwen.internal;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.qwen.FastDllmDecoding;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What Fast-dLLM v2's published script decodes with.
 *
 * @param published its defaults, in the model's blocks
 */
record FastDllmDefaults(FastDllmDecoding published) implements FamilyDecoding {

  /** The script's defaults in blocks of some length, in its small ones where these divide it. */
  static FastDllmDefaults of(int block) {
    FastDllmDecoding script = FastDllmDecoding.DEFAULT;
    int small = block % script.smallBlockLength() == 0 ? script.smallBlockLength() : block;
    return new FastDllmDefaults(script.withBlocks(block, small));
  }

  /** Blocks are counted from the sequence's start, so that none of the generation's need fit. */
  @Override
  public OptionalInt blockLength(Method method) {
    return OptionalInt.empty();
  }

  @Override
  public DecodingPolicy policy(Method method, Sampling sampling, OptionalInt blockLength) {
    refuse("sampling_alg", sampling.algorithm().isPresent());
    refuse("top_k", sampling.topK().isPresent());
    refuse("alg_temp", sampling.algorithmTemperature().isPresent());
    refuse("cfg_scale", sampling.guidance().isPresent());
    FastDllmDecoding blocks =
        blockLength.isPresent() ? of(blockLength.getAsInt()).published : published;
    return new FastDllmDecoding(
        published.threshold(),
        sampling.temperature().orElse(published.temperature()),
        sampling.topP().isPresent() ? sampling.topP() : published.topP(),
        blocks.blockLength(),
        blocks.smallBlockLength());
  }

  private static void refuse(String setting, boolean given) {
    if (given) {
      throw new ForeignSettingException(setting, "Fast-dLLM v2");
    }
  }

  @Override
  public Map<String, String> settings(DecodingPolicy policy) {
    FastDllmDecoding decoding = (FastDllmDecoding) policy;
    OptionalDouble topP = decoding.topP();
    return ImmutableMap.of(
        "temperature",
        Double.toString(decoding.temperature()),
        "top_p",
        topP.isPresent() ? Double.toString(topP.getAsDouble()) : "none",
        "block",
        String.format(
            Locale.ROOT,
            "%d by %d above %s",
            decoding.blockLength(),
            decoding.smallBlockLength(),
            decoding.threshold()));
  }

  @Override
  public DecodingPolicy ofCheckpoint(int generationLength, CachePolicy cache) {
    return published;
  }
}
