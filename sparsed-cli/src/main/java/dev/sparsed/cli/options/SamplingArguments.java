package dev.sparsed.cli.options;

import dev.sparsed.models.method.Sampling;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen. What is not given is the family's published default. */
@InSection(OptionSection.TOKENS)
public final class SamplingArguments {

  @Option(
      names = "--sampling-alg",
      paramLabel = "NAME",
      description =
          "Which tokens a step commits. Dream: origin, maskgit_plus, topk_margin, entropy"
              + " (default: maskgit_plus, or entropy with a prefix or dual cache and no threshold, as"
              + " published); LLaDA: low_confidence, random (default: low_confidence).")
  private @Nullable String algorithm;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "Randomness of the tokens, 0 for the most likely (default: Dream 0.05, LLaDA 0).")
  private @Nullable Double temperature;

  @Option(
      names = "--top_p",
      paramLabel = "P",
      description = "Dream: choose among the likeliest tokens of this probability (default: 0.95).")
  private @Nullable Double topP;

  @Option(
      names = "--top_k",
      paramLabel = "N",
      description =
          "Dream: choose among this many likeliest tokens (default: the checkpoint's, or 50).")
  private @Nullable Integer topK;

  @Option(
      names = "--alg_temp",
      paramLabel = "T",
      description = "Dream: randomness of which tokens are committed (default: 0).")
  private @Nullable Double algorithmTemperature;

  @Option(
      names = "--cfg_scale",
      paramLabel = "W",
      description = "LLaDA: weight of classifier-free guidance, 0 for none (default: 0).")
  private @Nullable Double guidance;

  /** Nothing given, until a command line is parsed. */
  public SamplingArguments() {}

  /**
   * How tokens are chosen.
   *
   * @return what was given
   */
  public Sampling sampling() {
    return new Sampling(
        Optional.ofNullable(algorithm),
        number(temperature),
        number(topP),
        topK == null ? OptionalInt.empty() : OptionalInt.of(topK),
        number(algorithmTemperature),
        number(guidance));
  }

  private static OptionalDouble number(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
