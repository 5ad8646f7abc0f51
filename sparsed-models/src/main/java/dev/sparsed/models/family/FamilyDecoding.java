package dev.sparsed.models.family;

import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How the models of a checkpoint decode where neither the method nor the sampling says anything:
 * what their published scripts do.
 */
public interface FamilyDecoding {

  /**
   * Tokens that are decoded together where a method does not say.
   *
   * @param method the method; one that {@linkplain Method#needsBlocks needs blocks} gets some
   * @return the block length; empty if all masked positions compete at once
   */
  OptionalInt blockLength(Method method);

  /**
   * How tokens are chosen and committed with a method. A threshold is applied by the caller.
   *
   * @param method the method
   * @param sampling how tokens are chosen
   * @param blockLength tokens that are decoded together; empty for all at once
   * @return the policy
   * @throws dev.sparsed.models.method.ForeignSettingException if the sampling says what the family
   *     has no use for
   * @throws IllegalArgumentException if a value is out of its range
   */
  DecodingPolicy policy(Method method, Sampling sampling, OptionalInt blockLength);

  /**
   * Everything that decides how tokens are chosen, under the names that it has in options.
   *
   * @param policy one that {@link #policy} made
   * @return the settings with their values, those that nothing was said of included
   */
  Map<String, String> settings(DecodingPolicy policy);

  /**
   * The decoding that a request has which names none: what the checkpoint's own generation call
   * does.
   *
   * @param generationLength tokens to generate
   * @param cache what is kept between steps; with it positions are decoded in blocks
   * @return the policy
   */
  DecodingPolicy ofCheckpoint(int generationLength, CachePolicy cache);
}
