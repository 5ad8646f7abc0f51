package dev.sparsed.cli;

import dev.sparsed.models.cache.BlockCache;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.checkpoint.GenerationConfig;
import dev.sparsed.models.checkpoint.LladaConfig;
import dev.sparsed.models.checkpoint.ModelConfig;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.DreamAlgorithm;
import dev.sparsed.models.decoding.DreamBlocks;
import dev.sparsed.models.decoding.DreamDecoding;
import dev.sparsed.models.decoding.LladaDecoding;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.decoding.Remasking;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many tokens are generated in how many steps, and how they are chosen. */
final class DecodingArguments {

  @Option(
      names = "--seq_len",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens to generate (default: ${DEFAULT-VALUE}).")
  private int generationLength = 128;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Denoising steps (default: 128). With --threshold there are as many as it takes; a Dream"
              + " model without blocks then commits at most --seq_len / --steps tokens in each"
              + " (default: 32 tokens).")
  private @Nullable Integer steps;

  @Option(
      names = "--block_length",
      paramLabel = "N",
      description =
          "Tokens per block, decoded one block after the other; divides --seq_len (default: 32, or"
              + " one block where that does not divide; Dream without a cache: all at once).")
  private @Nullable Integer blockLength;

  @Option(
      names = "--sampling-alg",
      paramLabel = "NAME",
      description =
          "Which tokens a step commits. Dream: origin, maskgit_plus, topk_margin, entropy"
              + " (default: maskgit_plus, or entropy with a prefix or dual cache and no"
              + " --threshold, as published); LLaDA: low_confidence, random (default:"
              + " low_confidence).")
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

  @Option(
      names = "--threshold",
      paramLabel = "C",
      description =
          "Parallel decoding as in Fast-dLLM: every step commits the surest token and all others of"
              + " at least this confidence, 0 to 1, until nothing is masked; 0.9 is usual (default:"
              + " off).")
  private @Nullable Double threshold;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  int generationLength() {
    return generationLength;
  }

  int steps() {
    if (steps != null) {
      return steps;
    }
    return threshold == null ? 128 : ParallelDecoding.publishedSteps(generationLength);
  }

  long seed() {
    return seed;
  }

  /** The policy for a model; options of the other family are refused. */
  DecodingPolicy policy(ModelConfig config, GenerationConfig defaults, CachePolicy cache) {
    if (generationLength < 1 || (steps != null && steps < 1)) {
      throw new BadUseException(
          String.format(
              Locale.ROOT,
              "--seq_len and --steps must be at least 1 but are %d and %d",
              generationLength,
              steps == null ? 128 : steps));
    }
    try {
      DecodingPolicy sampler = config instanceof LladaConfig ? llada() : dream(defaults, cache);
      DecodingPolicy policy =
          threshold == null ? sampler : new ParallelDecoding(sampler, threshold);
      policy.check(generationLength, steps());
      return policy;
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  private DreamDecoding dream(GenerationConfig defaults, CachePolicy cache) {
    refuse("--cfg_scale", guidance, "Dream");
    DreamDecoding demo = DreamDecoding.DEMO;
    DreamDecoding policy =
        new DreamDecoding(
            algorithm == null ? usualAlgorithm(cache) : DreamAlgorithm.of(algorithm),
            temperature == null ? demo.temperature() : temperature,
            topP == null ? demo.topP() : OptionalDouble.of(topP),
            topK == null ? defaults.topK() : OptionalInt.of(topK),
            algorithmTemperature == null ? demo.algorithmTemperature() : algorithmTemperature,
            defaults.epsilon());
    return cache instanceof BlockCache || blockLength != null
        ? policy.withBlocks(DreamBlocks.of(blockLength()))
        : policy;
  }

  private DreamAlgorithm usualAlgorithm(CachePolicy cache) {
    DreamAlgorithm usual = DreamDecoding.DEMO.algorithm();
    return threshold == null ? cache.publishedAlgorithm().orElse(usual) : usual;
  }

  private int blockLength() {
    return blockLength == null ? LladaDecoding.blockLengthFor(generationLength) : blockLength;
  }

  private LladaDecoding llada() {
    refuse("--top_p", topP, "LLaDA");
    refuse("--top_k", topK, "LLaDA");
    refuse("--alg_temp", algorithmTemperature, "LLaDA");
    return new LladaDecoding(
        Remasking.of(algorithm == null ? "low_confidence" : algorithm),
        temperature == null ? 0 : temperature,
        guidance == null ? 0 : guidance,
        blockLength());
  }

  private static void refuse(String option, @Nullable Object value, String family) {
    if (value != null) {
      throw new BadUseException(
          String.format(
              Locale.ROOT, "%s has no meaning for a %s model; leave it away", option, family));
    }
  }
}
