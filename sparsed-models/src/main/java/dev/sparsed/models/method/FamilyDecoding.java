package dev.sparsed.models.method;

import com.google.common.collect.ImmutableMap;
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
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How a model's family decodes with a method. This is the one place that knows what Dream and LLaDA
 * do where neither the method nor the sampling says anything: what their published scripts do.
 */
public final class FamilyDecoding {

  private final ModelConfig config;
  private final GenerationConfig checkpoint;

  /**
   * For the models of a checkpoint.
   *
   * @param config the model's architecture
   * @param checkpoint its generation defaults, for what the published script leaves to them:
   *     Dream's limit of candidates and the end of its time
   */
  public FamilyDecoding(ModelConfig config, GenerationConfig checkpoint) {
    this.config = config;
    this.checkpoint = checkpoint;
  }

  /**
   * Tokens that are decoded together.
   *
   * @param method the method
   * @return the block length; empty if all masked positions compete at once, as Dream's do unless
   *     the method needs blocks
   */
  public OptionalInt blockLength(Method method) {
    if (method.decoding().blockLength().isPresent()) {
      return method.decoding().blockLength();
    }
    return config instanceof LladaConfig || method.needsBlocks()
        ? OptionalInt.of(LladaDecoding.PUBLISHED_BLOCK_LENGTH)
        : OptionalInt.empty();
  }

  /**
   * The decoding.
   *
   * @param method the method
   * @param sampling how tokens are chosen
   * @param generationLength tokens to generate, all of which are one block where the method gives
   *     no block length and the family's does not divide them
   * @return the policy
   * @throws ForeignSettingException if the sampling says what the family has no use for
   * @throws IllegalArgumentException if a value is out of its range, or the method and the sampling
   *     do not go together
   */
  public DecodingPolicy policy(Method method, Sampling sampling, int generationLength) {
    DecodingPolicy sampler = sampler(method, sampling, generationLength);
    OptionalDouble threshold = method.decoding().threshold();
    return threshold.isPresent() ? new ParallelDecoding(sampler, threshold.getAsDouble()) : sampler;
  }

  /**
   * Everything that decides how tokens are chosen.
   *
   * @param method the method
   * @param sampling how tokens are chosen
   * @return the family's settings with their values, those that nothing was said of included, under
   *     the names that they have in options
   * @throws IllegalArgumentException as {@link #policy} does
   */
  public Map<String, String> settings(Method method, Sampling sampling) {
    DecodingPolicy sampler = sampler(method, sampling, LladaDecoding.PUBLISHED_BLOCK_LENGTH);
    if (sampler instanceof LladaDecoding llada) {
      return ImmutableMap.of(
          "sampling_alg", llada.remasking().publishedName(),
          "temperature", Double.toString(llada.temperature()),
          "cfg_scale", Double.toString(llada.guidance()));
    }
    DreamDecoding dream = (DreamDecoding) sampler;
    return ImmutableMap.of(
        "sampling_alg", dream.algorithm().publishedName(),
        "temperature", Double.toString(dream.temperature()),
        "top_p", dream.topP().isPresent() ? Double.toString(dream.topP().getAsDouble()) : "none",
        "top_k", dream.topK().isPresent() ? Integer.toString(dream.topK().getAsInt()) : "none",
        "alg_temp", Double.toString(dream.algorithmTemperature()));
  }

  /**
   * The decoding that a request has which names none: what the checkpoint's own generation call
   * does, for Dream by its configuration.
   *
   * @param generationLength tokens to generate
   * @param cache what is kept between steps; with it, Dream's positions are decoded in blocks
   * @return the policy
   */
  public DecodingPolicy ofCheckpoint(int generationLength, CachePolicy cache) {
    int block = LladaDecoding.blockLengthFor(generationLength);
    if (config instanceof LladaConfig) {
      return LladaDecoding.DEFAULT.withBlockLength(block);
    }
    DreamDecoding dream =
        new DreamDecoding(
            DreamAlgorithm.of(checkpoint.algorithm()),
            checkpoint.temperature(),
            checkpoint.topP(),
            checkpoint.topK(),
            checkpoint.algorithmTemperature().orElse(0),
            checkpoint.epsilon());
    if (!(cache instanceof BlockCache)) {
      return dream;
    }
    return cache
        .publishedAlgorithm()
        .map(dream::withAlgorithm)
        .orElse(dream)
        .withBlocks(DreamBlocks.of(block));
  }

  private DecodingPolicy sampler(Method method, Sampling sampling, int generationLength) {
    OptionalInt blockLength = blockLength(method);
    if (blockLength.isPresent() && method.decoding().blockLength().isEmpty()) {
      blockLength = OptionalInt.of(LladaDecoding.blockLengthFor(generationLength));
    }
    return config instanceof LladaConfig
        ? llada(blockLength, sampling)
        : dream(method, blockLength, sampling);
  }

  private static LladaDecoding llada(OptionalInt blockLength, Sampling sampling) {
    refuse("top_p", sampling.topP().isPresent(), "LLaDA");
    refuse("top_k", sampling.topK().isPresent(), "LLaDA");
    refuse("alg_temp", sampling.algorithmTemperature().isPresent(), "LLaDA");
    LladaDecoding published = LladaDecoding.DEFAULT;
    return new LladaDecoding(
        sampling.algorithm().map(Remasking::of).orElse(published.remasking()),
        sampling.temperature().orElse(published.temperature()),
        sampling.guidance().orElse(published.guidance()),
        blockLength.orElse(published.blockLength()));
  }

  private DreamDecoding dream(Method method, OptionalInt blockLength, Sampling sampling) {
    refuse("cfg_scale", sampling.guidance().isPresent(), "Dream");
    DreamDecoding published = DreamDecoding.DEMO;
    // Fast-dLLM's cached loop ranks by entropy, its parallel one by confidence.
    DreamAlgorithm usual =
        method
            .cache()
            .publishedAlgorithm()
            .filter(algorithm -> method.decoding().threshold().isEmpty())
            .orElse(published.algorithm());
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

  private static void refuse(String setting, boolean given, String family) {
    if (given) {
      throw new ForeignSettingException(setting, family);
    }
  }
}
