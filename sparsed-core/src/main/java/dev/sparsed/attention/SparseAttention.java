package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Attention of one generation. A model calls {@link #beginStep} before each denoising step and
 * {@link #attend} once per layer; everything else (full or sparse, building patterns, reusing them)
 * happens here.
 *
 * <p>Used by one thread at a time. Closing it releases the patterns.
 *
 * @param <T> the backend's tensor type
 */
public final class SparseAttention<T> implements AutoCloseable {

  private final AttentionBackend<T> backend;
  private final AttentionPolicy policy;
  private final int totalSteps;
  private final int generationLength;
  private final @Nullable PreparedPattern[] layers;
  private AttentionPhase phase = AttentionPhase.FULL;
  private int step = -1;
  private boolean closed;

  /**
   * Starts the attention of one generation.
   *
   * @param backend computes the attention
   * @param policy when and how to attend sparsely
   * @param layers number of attention layers, at least 1
   * @param totalSteps denoising steps T of the whole generation, at least 1
   * @param generationLength tokens to generate G, at the end of the sequence; 0 or more
   * @throws IllegalArgumentException if a number is out of its range
   */
  public SparseAttention(
      AttentionBackend<T> backend,
      AttentionPolicy policy,
      int layers,
      int totalSteps,
      int generationLength) {
    checkArgument(layers >= 1, "layers must be at least 1 but is %s", layers);
    checkArgument(totalSteps >= 1, "totalSteps must be at least 1 but is %s", totalSteps);
    checkArgument(
        generationLength >= 0, "generationLength must not be negative but is %s", generationLength);
    this.backend = backend;
    this.policy = policy;
    this.layers = new PreparedPattern[layers];
    this.totalSteps = totalSteps;
    this.generationLength = generationLength;
  }

  /**
   * Begins a denoising step.
   *
   * @param step the step t, 0 to T - 1
   * @return the step's phase
   * @throws IndexOutOfBoundsException if there is no such step
   * @throws IllegalStateException if the session is closed
   */
  public AttentionPhase beginStep(int step) {
    checkOpen();
    checkElementIndex(step, totalSteps, "step");
    return beginStep(step, policy.schedule().phase(step, totalSteps));
  }

  /**
   * Begins a denoising step in a phase that the caller determines, for models whose steps do not
   * all run over the whole sequence: a step that feeds a part of it cannot build patterns.
   *
   * @param step the step t, 0 to T - 1
   * @param phase the step's phase, instead of the one that the policy's schedule says
   * @return the phase
   * @throws IndexOutOfBoundsException if there is no such step
   * @throws IllegalStateException if the session is closed
   */
  public AttentionPhase beginStep(int step, AttentionPhase phase) {
    checkOpen();
    checkElementIndex(step, totalSteps, "step");
    this.phase = phase;
    this.step = step;
    return phase;
  }

  /**
   * The phase of the current step.
   *
   * @return the phase
   */
  public AttentionPhase phase() {
    return phase;
  }

  /**
   * The policy of this generation.
   *
   * @return the policy
   */
  public AttentionPolicy policy() {
    return policy;
  }

  /**
   * Attention of one layer in the current step, all tokens being queries.
   *
   * @param layer index of the layer
   * @param query queries [B, H, S, D]
   * @param key keys [B, Hkv, S, D]
   * @param value values [B, Hkv, S, D]
   * @return the output [B, H, S, D], owned by the caller
   * @throws IllegalArgumentException if the tensors do not fit together or to the layer's pattern
   * @throws IndexOutOfBoundsException if there is no such layer
   * @throws IllegalStateException if no step has begun, the session is closed, or the phase is
   *     sparse and the layer has no pattern yet
   */
  public T attend(int layer, T query, T key, T value) {
    return attend(layer, query, key, value, 0);
  }

  /**
   * Attention of one layer for a range of query tokens only. Where an output is read at a few
   * positions (the last layer's is), the other queries need not be computed.
   *
   * @param layer index of the layer
   * @param query queries of the tokens {@code firstQuery} to {@code firstQuery + Q - 1} [B, H, Q,
   *     D]
   * @param key keys of all tokens [B, Hkv, S, D]
   * @param value values of all tokens [B, Hkv, S, D]
   * @param firstQuery position of the first query token; in a sparse phase a multiple of a query
   *     block's size, unless the range lies within one block. In a phase that selects, 0 with Q = S
   * @return the output [B, H, Q, D], owned by the caller
   * @throws IllegalArgumentException if the tensors do not fit together or to the layer's pattern,
   *     or the range does not fit the phase
   * @throws IndexOutOfBoundsException if there is no such layer
   * @throws IllegalStateException if no step has begun, the session is closed, or the phase is
   *     sparse and the layer has no pattern yet
   */
  public T attend(int layer, T query, T key, T value, int firstQuery) {
    checkOpen();
    checkState(step >= 0, "beginStep must be called before attend");
    checkElementIndex(layer, layers.length, "layer");
    AttentionCall<T> call = backend.call(query, key, value);
    AttentionShape shape = call.shape();
    checkArgument(
        firstQuery >= 0 && firstQuery <= shape.keyLength() - shape.queryLength(),
        "queries %s to %s are outside of the %s tokens",
        firstQuery,
        (long) firstQuery + shape.queryLength() - 1,
        shape.keyLength());
    checkArgument(
        !phase.selects() || shape.queryLength() == shape.keyLength(),
        "phase %s needs the queries of all %s tokens but got %s",
        phase,
        shape.keyLength(),
        shape.queryLength());
    return switch (phase) {
      case FULL -> backend.dense(call);
      case FULL_AND_SELECT -> {
        AttentionBackend.Selected<T> selected =
            backend.denseAndSelect(call, request(shape), policy.selector());
        setPattern(layer, selected.pattern());
        yield selected.output();
      }
      case SPARSE_AND_SELECT -> {
        setPattern(layer, backend.select(call, request(shape), policy.selector()));
        yield backend.sparse(call, layerPattern(layer, shape));
      }
      case SPARSE -> backend.sparse(call, queries(layerPattern(layer, shape), firstQuery, shape));
    };
  }

  /**
   * Gives a layer its pattern from outside, for example one loaded from a file.
   *
   * @param layer index of the layer
   * @param pattern the pattern, without empty rows
   * @throws IndexOutOfBoundsException if there is no such layer
   * @throws IllegalArgumentException if a row of the pattern is empty or its blocks are not the
   *     policy's
   * @throws IllegalStateException if the session is closed
   */
  public void usePattern(int layer, SparsePattern pattern) {
    checkOpen();
    checkElementIndex(layer, layers.length, "layer");
    checkArgument(
        pattern.grid().blocks().equals(policy.blocks()),
        "the pattern's blocks of %s are not the policy's of %s",
        pattern.grid().blocks(),
        policy.blocks());
    setPattern(layer, PreparedPattern.of(pattern));
  }

  /**
   * The pattern of a layer, if it has one by now.
   *
   * @param layer index of the layer
   * @return the pattern, or empty
   * @throws IndexOutOfBoundsException if there is no such layer
   * @throws IllegalStateException if the session is closed
   */
  public Optional<SparsePattern> pattern(int layer) {
    checkOpen();
    checkElementIndex(layer, layers.length, "layer");
    return Optional.ofNullable(layers[layer]).map(PreparedPattern::pattern);
  }

  private PreparedPattern layerPattern(int layer, AttentionShape shape) {
    PreparedPattern pattern = layers[layer];
    return pattern == null ? setPattern(layer, fixedPattern(layer, shape)) : pattern;
  }

  /** What the policy's selector chooses without scores, for a layer without a pattern. */
  private PreparedPattern fixedPattern(int layer, AttentionShape shape) {
    BlockGrid grid =
        new BlockGrid(
            shape.batch(), shape.heads(), shape.keyLength(), shape.keyLength(), policy.blocks());
    return Selection.withoutScores(
            grid, grid.firstGenerationBlock(generationLength), policy.selector())
        .map(PreparedPattern::of)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    String.format(
                        Locale.ROOT,
                        "layer %d has no pattern in sparse step %d: no earlier step was one that"
                            + " selects, and %s needs scores",
                        layer,
                        step,
                        policy.selector())));
  }

  /** The part of a pattern that is the call's. */
  private static PreparedPattern queries(
      PreparedPattern pattern, int firstQuery, AttentionShape shape) {
    if (shape.queryLength() == shape.keyLength()) {
      return pattern;
    }
    checkArgument(
        pattern.grid().queryLength() == shape.keyLength(),
        "the layer's pattern is one of %s queries but there are %s tokens",
        pattern.grid().queryLength(),
        shape.keyLength());
    return pattern.queries(firstQuery, firstQuery + shape.queryLength());
  }

  private ScoreRequest request(AttentionShape shape) {
    BlockGrid grid = shape.grid(policy.blocks());
    return new ScoreRequest(
        policy.blocks(),
        grid.firstGenerationBlock(generationLength),
        policy.scoreScale().of(shape),
        policy.selector().scope());
  }

  private PreparedPattern setPattern(int layer, PreparedPattern pattern) {
    PreparedPattern old = layers[layer];
    layers[layer] = pattern;
    if (old != null) {
      old.close();
    }
    return pattern;
  }

  private void checkOpen() {
    checkState(!closed, "this attention session is closed");
  }

  /** Releases the patterns. Closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    for (int layer = 0; layer < layers.length; layer++) {
      PreparedPattern pattern = layers[layer];
      layers[layer] = null;
      if (pattern != null) {
        pattern.close();
      }
    }
  }
}
