package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen. What is not given is the family's published default. */
final class SamplingArguments {

  @Option(
      names = "--sampling-alg",
      paramLabel = "NAME",
      description =
          "Which tokens a step commits. Dream: origin, maskgit_plus, topk_margin, entropy"
              + " (default: maskgit_plus); LLaDA: low_confidence, random (default:"
              + " low_confidence).")
  @Nullable String algorithm;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Randomness of the tokens (default: 0, the most likely).")
  @Nullable Double temperature;

  @Option(
      names = "--top_p",
      paramLabel = "P",
      description = "Dream: choose among the likeliest tokens of this probability (default: 0.95).")
  @Nullable Double topP;

  @Option(
      names = "--top_k",
      paramLabel = "N",
      description = "Dream: choose among this many likeliest tokens (default: the checkpoint's).")
  @Nullable Integer topK;

  @Option(
      names = "--alg_temp",
      paramLabel = "T",
      description = "Dream: randomness of which tokens are committed (default: 0).")
  @Nullable Double algorithmTemperature;

  @Option(
      names = "--cfg_scale",
      paramLabel = "W",
      description = "LLaDA: weight of classifier-free guidance (default: 0, none).")
  @Nullable Double guidance;

  @Option(
      names = "--early_stop",
      description =
          "End an answer at its first end of text: once all before it is decided, the steps that"
              + " are left compute nothing. The answer is the same.")
  boolean earlyStop;

  /** The settings that were given. */
  ImmutableMap<String, String> settings() {
    ImmutableMap.Builder<String, String> settings = ImmutableMap.builder();
    put(settings, "sampling_alg", algorithm);
    put(settings, "temperature", temperature);
    put(settings, "top_p", topP);
    put(settings, "top_k", topK);
    put(settings, "alg_temp", algorithmTemperature);
    put(settings, "cfg_scale", guidance);
    settings.put("early_stop", Boolean.toString(earlyStop));
    return settings.buildOrThrow();
  }

  private static void put(
      ImmutableMap.Builder<String, String> settings, String name, @Nullable Object value) {
    settings.put(name, value == null ? "default" : value.toString());
  }
}
