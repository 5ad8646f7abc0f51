package dev.sparsed.models.method;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import java.util.Map;
import java.util.Optional;

/**
 * A part of methods that a jar adds, known by its name to {@link Method#parse(String)} and so to
 * the command line and the evaluation: {@code my-cache:window=4+threshold}. An implementation with
 * a public constructor without arguments that is named in {@code
 * META-INF/services/dev.sparsed.models.method.MethodPlugin} is found on the class path. There is
 * one object per class, used by several threads.
 */
public interface MethodPlugin {

  /**
   * The name.
   *
   * @return lower-case letters, digits and hyphens, beginning with a letter; no name of another
   *     part
   */
  String name();

  /**
   * What it does.
   *
   * @return one line, without a full stop
   */
  String description();

  /**
   * The settings that it has.
   *
   * @return the value that each has where it is not given, by names of lower-case letters, digits
   *     and underscores, in the order in which they are listed
   */
  default Map<String, String> defaults() {
    return Map.of();
  }

  /**
   * Makes the part. Called when a name is read, before anything is loaded.
   *
   * @param settings a value for each of {@link #defaults}, in that order; a given one as it was
   *     written, which need not be in lower case. Immutable
   * @return what it decides
   * @throws IllegalArgumentException if a value is wrong; the message says what would be right
   */
  MethodParts parts(Map<String, String> settings);

  /**
   * What a {@link MethodPlugin} decides; what it leaves empty is as without it, or another part's
   * of the same method.
   *
   * @param attention how steps attend
   * @param cache what is kept between them
   * @param decoding how tokens are committed
   */
  record MethodParts(
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
}
