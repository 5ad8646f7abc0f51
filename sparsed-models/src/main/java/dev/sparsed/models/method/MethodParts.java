package dev.sparsed.models.method;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import java.util.Optional;

/**
 * What a {@link MethodPlugin} decides; what it leaves empty is as without it, or another part's of
 * the same method.
 *
 * @param attention how steps attend
 * @param cache what is kept between them
 * @param decoding how tokens are committed
 */
public record MethodParts(
    Optional<AttentionPolicy> attention,
    Optional<CachePolicy> cache,
    Optional<DecodingPolicy> decoding) {

  /**
   * A way to attend.
   *
   * @param policy the policy
   * @return the part
   */
  public static MethodParts of(AttentionPolicy policy) {
    return new MethodParts(Optional.of(policy), Optional.empty(), Optional.empty());
  }

  /**
   * A cache.
   *
   * @param policy the policy
   * @return the part
   */
  public static MethodParts of(CachePolicy policy) {
    return new MethodParts(Optional.empty(), Optional.of(policy), Optional.empty());
  }

  /**
   * A decoding.
   *
   * @param policy the policy
   * @return the part
   */
  public static MethodParts of(DecodingPolicy policy) {
    return new MethodParts(Optional.empty(), Optional.empty(), Optional.of(policy));
  }
}
