package dev.sparsed.attention;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreConsumer;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.PatternCollector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.util.Optional;

/**
 * Computes attention over tensors of one library. Implementations are stateless towards their
 * callers and safe to use from several threads.
 *
 * <p>Queries are [B, H, queryLength, D], keys and values [B, Hkv, keyLength, D] with H a multiple
 * of Hkv; query head h reads key/value head {@code h / (H / Hkv)}. Outputs have the queries' shape
 * and dtype and belong to the caller. Attention scores are scaled by {@code 1 / sqrt(D)}. Given a
 * pattern, the output must not depend on the backend beyond the dtype's rounding. All methods throw
 * {@link IllegalArgumentException} if shapes, dtypes or devices do not fit together, before
 * anything is computed.
 *
 * @param <T> the library's tensor type
 */
public interface AttentionBackend<T> {

  /**
   * Name of the backend for reports, such as {@code reference}.
   *
   * @return the name
   */
  String name();

  /**
   * Reads the sizes of an attention call.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @return the shape
   * @throws IllegalArgumentException if the tensors do not fit together or are not supported
   */
  AttentionShape shape(T query, T key);

  /**
   * Full attention, softmax(q k^T / sqrt(D)) v.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @return the output [B, H, queryLength, D]
   */
  T dense(T query, T key, T value);

  /**
   * Brings a pattern into the form this backend computes with.
   *
   * @param pattern a pattern without empty rows
   * @return the prepared pattern, to be closed by the caller
   * @throws IllegalArgumentException if a row of the pattern is empty
   */
  default PreparedPattern prepare(SparsePattern pattern) {
    return new HeapPattern(pattern);
  }

  /**
   * Block-sparse attention: the softmax runs over the tokens of the selected key blocks only.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @param pattern a pattern on the grid of these tensors, prepared by this backend
   * @return the output [B, H, queryLength, D]
   */
  T sparse(T query, T key, T value, PreparedPattern pattern);

  /**
   * Block-sparse attention with a pattern that is used once.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @param pattern a pattern on the grid of these tensors, without empty rows
   * @return the output [B, H, queryLength, D]
   */
  default T sparse(T query, T key, T value, SparsePattern pattern) {
    shape(query, key).checkFits(pattern.grid());
    try (PreparedPattern prepared = prepare(pattern)) {
      return sparse(query, key, value, prepared);
    }
  }

  /**
   * Scores every query block against every key block, in memory proportional to the sequence
   * length. Sums are taken in float32 at least.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param request block size, border, scale and scope; {@link ScoreScope#NONE} is refused
   * @param consumer gets each row of the grid exactly once, one at a time
   */
  void scores(T query, T key, ScoreRequest request, BlockScoreConsumer consumer);

  /**
   * Builds a pattern from queries and keys. A backend may run selectors that it knows on its
   * device; the pattern must equal the one the Java selector gives on the same scores.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param request block size, border and scale; its scope must cover the selector's
   * @param selector chooses the blocks
   * @return the prepared pattern, to be closed by the caller
   */
  default PreparedPattern select(T query, T key, ScoreRequest request, BlockSelector selector) {
    request.checkServes(selector);
    BlockGrid grid = shape(query, key).grid(request.blockSize());
    request.checkFits(grid);
    if (selector.scope() == ScoreScope.NONE) {
      return prepare(
          PatternCollector.withoutScores(grid, request.firstGenerationBlock(), selector));
    }
    PatternCollector collector = new PatternCollector(grid, selector);
    scores(query, key, request, collector);
    return prepare(collector.finish());
  }

  /**
   * Full attention and the pattern of the same queries and keys in one call, for backends that
   * share work between the two.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @param request block size, border and scale; its scope must cover the selector's
   * @param selector chooses the blocks
   * @return the output of full attention and the pattern, both owned by the caller
   */
  default Selected<T> denseAndSelect(
      T query, T key, T value, ScoreRequest request, BlockSelector selector) {
    // The pattern first: should it fail, no output is left behind.
    PreparedPattern pattern = select(query, key, request, selector);
    try {
      return new Selected<>(dense(query, key, value), pattern);
    } catch (RuntimeException | Error e) {
      pattern.close();
      throw e;
    }
  }

  /**
   * What calls of this backend cost, if that is known. Used to decide whether sparse attention pays
   * off.
   *
   * @param query example queries that show dtype and device
   * @return the cost model, or empty
   */
  default Optional<AttentionCost> cost(T query) {
    return Optional.empty();
  }

  /**
   * What calls of this backend with blocks of a size cost, for backends that compute blocks of
   * different sizes in different ways.
   *
   * @param query example queries that show dtype and device
   * @param blockSize tokens per block, at least 1
   * @return the cost model, or empty
   */
  default Optional<AttentionCost> cost(T query, int blockSize) {
    return cost(query);
  }

  /**
   * Output of full attention together with the pattern built from the same queries and keys.
   *
   * @param <T> the tensor type
   * @param output the output [B, H, queryLength, D], owned by the receiver
   * @param pattern the prepared pattern, owned by the receiver
   */
  record Selected<T>(T output, PreparedPattern pattern) {}
}
