package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.attention.internal.LayerPhases;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.step.StepContext;
import dev.sparsed.tensor.TensorForm;
import java.util.Collections;
import java.util.List;
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
  private final List<AttentionPolicy> policies;
  private final int totalSteps;
  private final LayerPatterns patterns;
  private LayerPhases phases;
  private @Nullable StepContext step;
  private boolean closed;

  /**
   * Starts the attention of one generation.
   *
   * @param backend computes the attention
   * @param policy when and how to attend sparsely
   * @param layers number of attention layers, at least 1
   * @param totalSteps denoising steps T of the whole generation, at least 1
   * @param generationLength tokens to generate G, at the end of the sequence; 0 or more
   * @throws IllegalArgumentException if a number is out of its range, or a policy per layer gives
   *     none for some layer
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
    this.policies = policy.ofLayers(layers);
    this.patterns = new LayerPatterns(policies, generationLength);
    this.phases = LayerPhases.all(AttentionPhase.FULL, layers);
    this.totalSteps = totalSteps;
  }

  /**
   * Begins a denoising step of which only the number is known.
   *
   * @param step the step t, 0 to T - 1
   * @return the step's phase
   * @throws IndexOutOfBoundsException if there is no such step
   * @throws IllegalStateException if the session is closed
   */
  public AttentionPhase beginStep(int step) {
    checkOpen();
    checkElementIndex(step, totalSteps, "step");
    return beginStep(StepContext.of(step, totalSteps));
  }

  /**
   * Begins a denoising step in the phases that the schedules say.
   *
   * @param context where the sequence stands; read until the next step begins
   * @return the step's phase
   * @throws IndexOutOfBoundsException if there is no such step
   * @throws IllegalStateException if the session is closed
   */
  public AttentionPhase beginStep(StepContext context) {
    checkOpen();
    checkElementIndex(context.step(), totalSteps, "step");
    return beginStep(context, LayerPhases.scheduled(policies, context).list());
  }

  /**
   * Begins a denoising step in a phase that the caller determines, for models whose steps do not
   * all run over the whole sequence: a step that feeds a part of it cannot build patterns.
   *
   * @param step the step t, 0 to T - 1
   * @param phase the phase of all layers, instead of the one that the policy's schedule says
   * @return the phase
   * @throws IndexOutOfBoundsException if there is no such step
   * @throws IllegalStateException if the session is closed
   */
  public AttentionPhase beginStep(int step, AttentionPhase phase) {
    checkOpen();
    checkElementIndex(step, totalSteps, "step");
    return beginStep(StepContext.of(step, totalSteps), Collections.nCopies(layers(), phase));
  }

  /**
   * Begins a denoising step in phases that the caller determines.
   *
   * @param context where the sequence stands; read until the next step begins
   * @param phases the phase of each layer, instead of the ones that the schedules say
   * @return the phase of the step as a whole, see {@link #phase()}
   * @throws IndexOutOfBoundsException if there is no such step
   * @throws IllegalArgumentException if there are not as many phases as layers
   * @throws IllegalStateException if the session is closed
   */
  public AttentionPhase beginStep(StepContext context, List<AttentionPhase> phases) {
    checkOpen();
    checkElementIndex(context.step(), totalSteps, "step");
    checkArgument(
        phases.size() == layers(),
        "there are %s layers but the phases of %s",
        layers(),
        phases.size());
    this.phases = LayerPhases.of(phases);
    this.step = context;
    return phase();
  }

  /**
   * The phase of the current step as a whole: that of the layer which does the most. A phase that
   * selects is more than one that does not, and a sparse one more than full attention alone.
   *
   * @return the phase
   */
  public AttentionPhase phase() {
    return phases.overall();
  }

  /**
   * The phase of a layer in the current step.
   *
   * @param layer index of the layer
   * @return the phase
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  public AttentionPhase phase(int layer) {
    checkElementIndex(layer, layers(), "layer");
    return phases.of(layer);
  }

  /**
   * Number of layers.
   *
   * @return the count
   */
  public int layers() {
    return policies.size();
  }

  /**
   * The policy of a layer.
   *
   * @param layer index of the layer
   * @return the policy, one for a single layer
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  public AttentionPolicy policy(int layer) {
    checkElementIndex(layer, layers(), "layer");
    return policies.get(layer);
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
   * <p>In a phase that selects, the layer's pattern becomes one of these queries alone: some
   * queries can choose among the keys of a long cache, and steps that follow attend with what they
   * chose.
   *
   * @param layer index of the layer
   * @param query queries of the tokens {@code firstQuery} to {@code firstQuery + Q - 1} [B, H, Q,
   *     D]
   * @param key keys of all tokens [B, Hkv, S, D]
   * @param value values of all tokens [B, Hkv, S, D]
   * @param firstQuery position of the first query token. In a phase that is sparse and does not
   *     select, the range lies within that of the layer's pattern, and begins at a border of its
   *     query blocks or lies within one of them
   * @return the output [B, H, Q, D], owned by the caller
   * @throws IllegalArgumentException if the tensors do not fit together or to the layer's pattern,
   *     the range does not fit the phase, or the selector refuses scores
   * @throws IndexOutOfBoundsException if there is no such layer
   * @throws IllegalStateException if no step has begun, the session is closed, the phase is sparse
   *     and the layer has no pattern yet, the selector fails, or the backend's output has not the
   *     queries' form
   */
  public T attend(int layer, T query, T key, T value, int firstQuery) {
    checkOpen();
    StepContext context = step;
    checkState(context != null, "beginStep must be called before attend");
    checkElementIndex(layer, layers(), "layer");
    AttentionCall<T> call = backend.call(query, key, value);
    AttentionShape shape = call.shape();
    checkArgument(
        firstQuery >= 0 && firstQuery <= shape.keyLength() - shape.queryLength(),
        "queries %s to %s are outside of the %s tokens",
        firstQuery,
        (long) firstQuery + shape.queryLength() - 1,
        shape.keyLength());
    return switch (phases.of(layer)) {
      case FULL -> output(layer, call, backend.dense(call));
      case FULL_AND_SELECT -> {
        AttentionBackend.Selected<T> selected =
            backend.denseAndSelect(call, patterns.selection(layer, shape, context));
        patterns.set(layer, selected.pattern(), firstQuery);
        yield output(layer, call, selected.output());
      }
      case SPARSE_AND_SELECT -> {
        PreparedPattern selected = backend.select(call, patterns.selection(layer, shape, context));
        patterns.set(layer, selected, firstQuery);
        yield output(layer, call, backend.sparse(call, selected));
      }
      case SPARSE ->
          output(
              layer,
              call,
              backend.sparse(call, patterns.ofQueries(layer, firstQuery, shape, context)));
    };
  }

  /** Requires an output as backends promise it: one of a stranger may be anything. */
  private T output(int layer, AttentionCall<T> call, @Nullable T output) {
    String given = "null";
    if (output != null) {
      try {
        TensorForm form = backend.tensors().form(output);
        if (form.equals(call.queryForm())) {
          return output;
        }
        given = form.toString();
      } catch (IllegalArgumentException e) {
        given = e.getMessage();
      }
    }
    throw new IllegalStateException(
        String.format(
            Locale.ROOT,
            "backend %s gave layer %d an output of another form: %s; it must be %s, as the queries"
                + " are",
            backend.name(),
            layer,
            given,
            call.queryForm()));
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
    checkElementIndex(layer, layers(), "layer");
    BlockShape blocks = policies.get(layer).blocks();
    checkArgument(
        pattern.grid().blocks().equals(blocks),
        "the pattern's blocks of %s are not the policy's of %s",
        pattern.grid().blocks(),
        blocks);
    patterns.set(layer, PreparedPattern.of(pattern), 0);
  }

  /**
   * Whether a layer has a pattern by now. Never waits for a device.
   *
   * @param layer index of the layer
   * @return true if it has
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  public boolean hasPattern(int layer) {
    checkElementIndex(layer, layers(), "layer");
    return patterns.has(layer);
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
    checkElementIndex(layer, layers(), "layer");
    return patterns.get(layer);
  }

  private void checkOpen() {
    checkState(!closed, "this attention session is closed");
  }

  /** Releases the patterns. Closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    patterns.close();
  }
}
