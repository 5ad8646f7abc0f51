package dev.sparsed.cli.eval;

import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.Sparsity;
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
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Turns methods into generation requests for a model. Sparse methods are sparse whether that pays
 * off or not: an evaluation must measure what it names.
 */
final class MethodRequests {

  private final ModelConfig config;
  private final GenerationConfig defaults;

  MethodRequests(ModelConfig config, GenerationConfig defaults) {
    this.config = config;
    this.defaults = defaults;
  }

  /**
   * Tokens that a generation of a wanted length has: LLaDA, and every model with a cache or a block
   * length that was given, decodes whole blocks, so that it generates some tokens more where the
   * length is no multiple of the block.
   */
  int generationLength(int wanted, Method method) {
    if (!decodesInBlocks(method)) {
      return wanted;
    }
    int block = method.parameters().blockLength();
    return Math.toIntExact(((long) wanted + block - 1) / block * block);
  }

  /** Whether the model decodes block after block with this method, or all positions at once. */
  boolean decodesInBlocks(Method method) {
    return config instanceof LladaConfig || MethodCaches.needsBlocks(method);
  }

  /** A request without prompts. */
  GenerationRequest.Builder request(
      Method method, SamplingArguments sampling, int wantedLength, OptionalInt steps, long seed) {
    int length = generationLength(wantedLength, method);
    return GenerationRequest.builder()
        .generationLength(length)
        .steps(steps.orElse(method.parallel() ? ParallelDecoding.publishedSteps(length) : length))
        .seed(seed)
        .decoding(decoding(method, sampling))
        .attention(method.attentionPolicy())
        .sparsity(Sparsity.ALWAYS)
        .cache(MethodCaches.cache(method));
  }

  private DecodingPolicy decoding(Method method, SamplingArguments sampling) {
    if (config instanceof LladaConfig) {
      return MethodCaches.decoding(method, llada(method, sampling));
    }
    DreamDecoding dream = dream(method, sampling);
    return MethodCaches.decoding(
        method,
        MethodCaches.needsBlocks(method)
            ? dream.withBlocks(DreamBlocks.of(method.parameters().blockLength()))
            : dream);
  }

  private static DecodingPolicy llada(Method method, SamplingArguments sampling) {
    refuse("--top_p", sampling.topP, "LLaDA");
    refuse("--top_k", sampling.topK, "LLaDA");
    refuse("--alg_temp", sampling.algorithmTemperature, "LLaDA");
    return new LladaDecoding(
        Remasking.of(sampling.algorithm == null ? "low_confidence" : sampling.algorithm),
        sampling.temperature == null ? 0 : sampling.temperature,
        sampling.guidance == null ? 0 : sampling.guidance,
        method.parameters().blockLength());
  }

  private DreamDecoding dream(Method method, SamplingArguments sampling) {
    refuse("--cfg_scale", sampling.guidance, "Dream");
    DreamAlgorithm usual =
        MethodCaches.cache(method)
            .publishedAlgorithm()
            .filter(published -> !method.parallel())
            .orElse(DreamAlgorithm.MASKGIT_PLUS);
    return new DreamDecoding(
        sampling.algorithm == null ? usual : DreamAlgorithm.of(sampling.algorithm),
        sampling.temperature == null ? 0 : sampling.temperature,
        OptionalDouble.of(sampling.topP == null ? 0.95 : sampling.topP),
        sampling.topK == null ? defaults.topK() : OptionalInt.of(sampling.topK),
        sampling.algorithmTemperature == null ? 0 : sampling.algorithmTemperature,
        defaults.epsilon());
  }

  private static void refuse(String option, @Nullable Object value, String family) {
    if (value != null) {
      throw new IllegalArgumentException(option + " has no meaning for a " + family + " model");
    }
  }
}
