package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.Selection;
import dev.sparsed.select.SelectionContext;
import dev.sparsed.tensor.ElementType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Computes attention over tensors of one library. Implementations are stateless towards their
 * callers and safe to use from several threads.
 *
 * <p>Tensors come as an {@link AttentionCall}, in which they fit together; query head h reads
 * key/value head {@code h / (H / Hkv)}. Outputs have the queries' shape and dtype and belong to the
 * caller. Attention scores are scaled by {@code 1 / sqrt(D)}. Given a pattern, the output must not
 * depend on the backend beyond the dtype's rounding. All methods throw {@link
 * IllegalArgumentException} if this backend does not support a call's tensors, or a pattern or
 * request does not fit them, before anything is computed.
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
   * Reads the tensors that this backend computes with.
   *
   * @return the reader, always the same
   */
  TensorReader<T> tensors();

  /**
   * Checks tensors and puts them together for the other methods.
   *
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @return the call
   * @throws IllegalArgumentException if the tensors do not fit together
   */
  default AttentionCall<T> call(T query, T key, T value) {
    return AttentionCall.of(tensors(), query, key, value);
  }

  /**
   * Full attention, softmax(q k^T / sqrt(D)) v.
   *
   * @param call queries, keys and values
   * @return the output [B, H, queryLength, D]
   */
  T dense(AttentionCall<T> call);

  /**
   * Block-sparse attention: the softmax runs over the tokens of the selected key blocks only.
   *
   * @param call queries, keys and values
   * @param pattern a pattern on the grid of these tensors
   * @return the output [B, H, queryLength, D]
   */
  T sparse(AttentionCall<T> call, PreparedPattern pattern);

  /**
   * Block-sparse attention with a pattern that is used once.
   *
   * @param call queries, keys and values
   * @param pattern a pattern on the grid of these tensors, without empty rows
   * @return the output [B, H, queryLength, D]
   */
  default T sparse(AttentionCall<T> call, SparsePattern pattern) {
    try (PreparedPattern prepared = PreparedPattern.of(pattern)) {
      return sparse(call, prepared);
    }
  }

  /**
   * Full attention with the log-sum-exp of each query's scaled logits, by which outputs over parts
   * of the keys can be put together.
   *
   * @param call queries, keys and values
   * @return the output, and {@code log sum exp(q k^T / sqrt(D))}
   * @throws UnsupportedOperationException if this backend does not give them; all that come along
   *     do
   */
  default WithLogSumExp<T> denseWithLogSumExp(AttentionCall<T> call) {
    throw new UnsupportedOperationException(
        "backend " + name() + " gives no log-sum-exps of full attention");
  }

  /**
   * Block-sparse attention with the log-sum-exp of each query's scaled logits over the selected
   * keys.
   *
   * @param call queries, keys and values
   * @param pattern a pattern on the grid of these tensors
   * @return the output and the log-sum-exps
   * @throws UnsupportedOperationException if this backend does not give them; all that come along
   *     do
   */
  default WithLogSumExp<T> sparseWithLogSumExp(AttentionCall<T> call, PreparedPattern pattern) {
    throw new UnsupportedOperationException(
        "backend " + name() + " gives no log-sum-exps of sparse attention");
  }

  /**
   * Scores every query block against every key block, in memory proportional to the sequence
   * length. Queries may be few and keys many: some rows against a long cache, block by block or,
   * with key blocks of one token, key by key. Sums are taken in float32 at least.
   *
   * @param call queries and keys; the values are not read
   * @param request block sizes, border, scale and scope; {@link ScoreScope#NONE} is refused
   * @param consumer gets each row of the grid exactly once, one at a time
   */
  void scores(AttentionCall<T> call, ScoreRequest request, Consumer<BlockScoreRow> consumer);

  /**
   * Builds a pattern from queries and keys. Backends override {@link #selectByScores} instead.
   *
   * @param call queries and keys; the values are not read
   * @param request block sizes, border and scale; its scope must cover the selector's
   * @param selector chooses the blocks
   * @return the prepared pattern, to be closed by the caller
   */
  default PreparedPattern select(
      AttentionCall<T> call, ScoreRequest request, BlockSelector selector) {
    return select(call, selection(call, request, selector));
  }

  private Selection selection(AttentionCall<T> call, ScoreRequest request, BlockSelector selector) {
    int group = call.shape().heads() / call.shape().kvHeads();
    return Selection.of(
        call.grid(request.blocks()), request, selector, SelectionContext.alone(group));
  }

  /**
   * Builds a pattern from queries and keys of a layer in a generation.
   *
   * @param call queries and keys; the values are not read
   * @param selection selector and request, on the grid of the call
   * @return the prepared pattern, to be closed by the caller
   */
  default PreparedPattern select(AttentionCall<T> call, Selection selection) {
    return selection
        .withoutScores()
        .map(PreparedPattern::of)
        .orElseGet(() -> selectByScores(call, selection));
  }

  /**
   * Full attention and the pattern of the same queries and keys in one call, for backends that
   * share work between the two. They override {@link #denseAndSelectByScores} instead.
   *
   * @param call queries, keys and values
   * @param request block sizes, border and scale; its scope must cover the selector's
   * @param selector chooses the blocks
   * @return the output of full attention and the pattern, both owned by the caller
   */
  default Selected<T> denseAndSelect(
      AttentionCall<T> call, ScoreRequest request, BlockSelector selector) {
    return denseAndSelect(call, selection(call, request, selector));
  }

  /**
   * Full attention and the pattern of a layer in a generation.
   *
   * @param call queries, keys and values
   * @param selection selector and request, on the grid of the call
   * @return the output of full attention and the pattern, both owned by the caller
   */
  default Selected<T> denseAndSelect(AttentionCall<T> call, Selection selection) {
    return selection
        .withoutScores()
        .map(pattern -> Selected.with(PreparedPattern.of(pattern), () -> dense(call)))
        .orElseGet(() -> denseAndSelectByScores(call, selection));
  }

  /**
   * Builds a pattern by a selector that needs scores. A backend may run selectors that it knows on
   * its device; the pattern must equal the one the Java selector gives on the same scores.
   *
   * @param call queries and keys; the values are not read
   * @param selection selector and request, on the grid of the call
   * @return the prepared pattern, to be closed by the caller
   */
  default PreparedPattern selectByScores(AttentionCall<T> call, Selection selection) {
    return PreparedPattern.of(
        selection.byScores(consumer -> scores(call, selection.request(), consumer)));
  }

  /**
   * Full attention, and a pattern by a selector that needs scores.
   *
   * @param call queries, keys and values
   * @param selection selector and request, on the grid of the call
   * @return the output of full attention and the pattern, both owned by the caller
   */
  default Selected<T> denseAndSelectByScores(AttentionCall<T> call, Selection selection) {
    return Selected.with(selectByScores(call, selection), () -> dense(call));
  }

  /**
   * What the speed of this backend's calls depends on besides sizes and types: device, driver,
   * versions, instruction set, threads. Before {@link #cost} first decides whether sparse attention
   * pays off, calls of this backend are timed, and the times are kept for the platform that this
   * map names; on another they are not used. A backend whose kernels change should name their
   * version here.
   *
   * @param query queries as attention calls will have them, at least in device and dtype
   * @param blocks tokens per query block and per key block
   * @return values by name; empty if this backend is not to be timed, as {@link #cost} is exact
   */
  default Map<String, String> platform(T query, BlockShape blocks) {
    return Map.of("backend", name());
  }

  /**
   * How the times of this backend's calls grow with their sizes, if that is known. Used to decide
   * whether sparse attention pays off: the rates are replaced by measured ones unless {@link
   * #platform} is empty.
   *
   * @param query example queries that show dtype and device
   * @param blocks tokens per query block and per key block
   * @return the cost model, or empty
   */
  default Optional<AttentionCost> cost(T query, BlockShape blocks) {
    return Optional.empty();
  }

  /**
   * Output of attention together with the log-sum-exps of its queries.
   *
   * @param <T> the tensor type
   * @param output the output [B, H, queryLength, D], owned by the receiver
   * @param logSumExp natural logarithms in float32 [B, H, queryLength, 1], contiguous, owned by the
   *     receiver
   */
  record WithLogSumExp<T>(T output, T logSumExp) {}

  /**
   * Output of full attention together with the pattern built from the same queries and keys.
   *
   * @param <T> the tensor type
   * @param output the output [B, H, queryLength, D], owned by the receiver
   * @param pattern the prepared pattern, owned by the receiver
   */
  record Selected<T>(T output, PreparedPattern pattern) {

    /**
     * Puts a pattern and an output together that is computed after it.
     *
     * @param <T> the tensor type
     * @param pattern the pattern; closed should the computation fail
     * @param dense computes the output
     * @return both
     */
    public static <T> Selected<T> with(PreparedPattern pattern, Supplier<T> dense) {
      try {
        return new Selected<>(dense.get(), pattern);
      } catch (RuntimeException | Error e) {
        pattern.close();
        throw e;
      }
    }
  }

  /** Estimated times of a backend's calls. */
  interface AttentionCost {

    /**
     * Time of one full-attention call.
     *
     * @param shape the sizes
     * @return seconds
     */
    double denseSeconds(AttentionShape shape);

    /**
     * Time of one block-sparse call.
     *
     * @param shape the sizes
     * @param blocks tokens per query block and per key block
     * @param density share of blocks computed, 0 to 1
     * @return seconds
     */
    double sparseSeconds(AttentionShape shape, BlockShape blocks, double density);

    /**
     * Time of building one pattern, the full-attention call not counted.
     *
     * @param shape the sizes
     * @param blocks tokens per query block and per key block
     * @return seconds
     */
    double selectSeconds(AttentionShape shape, BlockShape blocks);
  }

  /**
   * How long a backend's calls took over one known work: what decides whether sparse attention pays
   * off.
   *
   * @param measuredAt when
   * @param type format of the tensors
   * @param shape the sizes
   * @param blocks tokens per query block and per key block
   * @param density share of blocks that the sparse call computed, above 0 and at most 1
   * @param denseSeconds one call of full attention
   * @param sparseSeconds one call of block-sparse attention
   * @param selectSeconds building one pattern from scores
   */
  record AttentionTimings(
      Instant measuredAt,
      ElementType type,
      AttentionShape shape,
      BlockShape blocks,
      double density,
      double denseSeconds,
      double sparseSeconds,
      double selectSeconds) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a time is not positive and finite, or the density no
     *     share
     */
    public AttentionTimings {
      checkArgument(density > 0 && density <= 1, "density must be in (0, 1] but is %s", density);
      checkSeconds("denseSeconds", denseSeconds);
      checkSeconds("sparseSeconds", sparseSeconds);
      checkSeconds("selectSeconds", selectSeconds);
    }

    /**
     * The best of two measurements of the same work.
     *
     * @param other the other
     * @return each call's shortest time
     */
    public AttentionTimings fastest(AttentionTimings other) {
      return new AttentionTimings(
          measuredAt,
          type,
          shape,
          blocks,
          density,
          Math.min(denseSeconds, other.denseSeconds),
          Math.min(sparseSeconds, other.sparseSeconds),
          Math.min(selectSeconds, other.selectSeconds));
    }

    /**
     * When, over what, and the times.
     *
     * @return part of a sentence, such as {@code 2026-11-26T09:10:04Z, 2048 tokens, 7 heads of 128
     *     in bf16, blocks of 128: full attention 84.10 ms, sparse attention of density 0.31 28.90
     *     ms, a pattern 61.20 ms}
     */
    public String describe() {
      return String.format(
          Locale.ROOT,
          "%s, %d tokens, %d heads of %d in %s, blocks of %s: full attention %s, sparse attention of"
              + " density %.2f %s, a pattern %s",
          measuredAt.truncatedTo(ChronoUnit.SECONDS),
          shape.keyLength(),
          shape.heads(),
          shape.headDimension(),
          type.shortName(),
          blocks,
          milliseconds(denseSeconds),
          density,
          milliseconds(sparseSeconds),
          milliseconds(selectSeconds));
    }

    private static String milliseconds(double seconds) {
      return String.format(Locale.ROOT, "%.2f ms", seconds * 1e3);
    }

    private static void checkSeconds(String name, double seconds) {
      checkArgument(
          seconds > 0 && Double.isFinite(seconds),
          "%s must be positive and finite but is %s",
          name,
          seconds);
    }
  }
}
