package dev.sparsed.models.family.dream.internal;

import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.dream.DreamDecoding;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What Dream's published code takes from {@code config.json}, where absent fields have Hugging
 * Face's defaults (temperature 1, top-k 50, top-p 1), and not from {@code generation_config.json}.
 */
final class DreamSampling {

  private DreamSampling() {}

  /** The decoding of a checkpoint's own generation call. */
  static DreamDecoding read(ConfigFields fields) {
    // A caller says how many steps there are.
    fields.harmless("steps");
    return new DreamDecoding(
        algorithm(fields),
        fields.number("temperature", 1.0, 0),
        topP(fields),
        topK(fields),
        fields.number("alg_temp", 0, 0),
        fields.share("eps", DreamDecoding.DEFAULT.epsilon()));
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

  private static DreamDecoding.Algorithm algorithm(ConfigFields fields) {
    return DreamDecoding.Algorithm.of(
        fields.choice(
            "alg",
            Arrays.stream(DreamDecoding.Algorithm.values())
                .map(DreamDecoding.Algorithm::publishedName)
                .toList()));
  }
}
