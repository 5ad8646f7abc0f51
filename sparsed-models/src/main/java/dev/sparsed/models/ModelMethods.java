package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.Map;
import java.util.OptionalInt;

/** What methods mean for one model. Weights need not be loaded to find out. */
public final class ModelMethods {

  private final FamilyDecoding family;

  /**
   * For the models of a checkpoint.
   *
   * @param family how its models decode
   */
  public ModelMethods(FamilyDecoding family) {
    this.family = family;
  }

  /**
   * Tokens that are decoded together.
   *
   * @param method the method
   * @return the block length; empty if all masked positions compete at once
   */
  public OptionalInt blockLength(Method method) {
    if (method.pluggedDecoding().isPresent()) {
      return method.pluggedDecoding().get().tokensPerBlock();
    }
    return method.decoding().blockLength().isPresent()
        ? method.decoding().blockLength()
        : family.blockLength(method);
  }

  /**
   * Tokens that are decoded together with a method in a generation of a length: all of them where
   * the method gives no block length and the family's does not divide the generation.
   *
   * @param method the method
   * @param generationLength tokens to generate
   * @return the block length; empty if all masked positions compete at once
   */
  public OptionalInt blockLength(Method method, int generationLength) {
    OptionalInt block = blockLength(method);
    boolean given =
        method.pluggedDecoding().isPresent() || method.decoding().blockLength().isPresent();
    return given || block.isEmpty() || generationLength % block.getAsInt() == 0
        ? block
        : OptionalInt.of(generationLength);
  }

  /**
   * Tokens that a generation of a wanted length has: whole blocks, where there are any.
   *
   * @param method the method
   * @param wanted tokens to generate, at least 1
   * @return the wanted length, rounded up to a multiple of the block length
   * @throws IllegalArgumentException if that is more than any model is fed
   */
  public int generationLength(Method method, int wanted) {
    int block = blockLength(method).orElse(1);
    checkArgument(block >= 1, "%s decodes blocks of %s tokens", method, block);
    long length = ((long) wanted + block - 1) / block * block;
    checkArgument(
        length <= CompositionRules.MOST_TOKENS,
        "%s tokens in whole blocks of %s are %s to generate, more than %s; ask for fewer or shorter"
            + " blocks",
        wanted,
        block,
        length,
        CompositionRules.MOST_TOKENS);
    return (int) length;
  }

  /**
   * A request with a method's attention, cache and decoding, and without prompts.
   *
   * @param method the method
   * @param sampling how tokens are chosen
   * @param generationLength tokens to generate, such as {@link #generationLength} says
   * @param steps denoising steps
   * @return the request, to be completed
   * @throws dev.sparsed.models.method.ForeignSettingException if the sampling says what the model's
   *     family has no use for
   * @throws IllegalArgumentException if a value is out of its range, the method and the sampling do
   *     not go together, or length and steps do not fit the decoding
   */
  public GenerationRequest.Builder request(
      Method method, Sampling sampling, int generationLength, int steps) {
    CompositionRules.checkLength(generationLength);
    DecodingPolicy decoding = decoding(method, sampling, generationLength);
    decoding.check(generationLength, steps);
    return GenerationRequest.builder()
        .generationLength(generationLength)
        .steps(steps)
        .attention(method.attentionPolicy())
        .cache(method.cache())
        .decoding(decoding);
  }

  /**
   * Everything that decides what a method generates with the model.
   *
   * @param method the method
   * @return its parts and all settings that matter to them, in a fixed order
   */
  public String description(Method method) {
    return method.description(blockLength(method));
  }

  /**
   * Everything that decides how tokens are chosen.
   *
   * @param method the method
   * @param sampling how tokens are chosen
   * @return the settings of the model's family with their values, those that nothing was said of
   *     included, under the names that they have in options
   * @throws IllegalArgumentException as {@link #request} does
   */
  public Map<String, String> settings(Method method, Sampling sampling) {
    return method.pluggedDecoding().isPresent()
        ? Map.of()
        : family.settings(family.policy(method, sampling, blockLength(method)));
  }

  private DecodingPolicy decoding(Method method, Sampling sampling, int generationLength) {
    if (method.pluggedDecoding().isPresent()) {
      return method.pluggedDecoding().get();
    }
    return method
        .decoding()
        .policy(family.policy(method, sampling, blockLength(method, generationLength)));
  }
}
