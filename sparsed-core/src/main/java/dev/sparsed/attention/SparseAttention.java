package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.internal.Closing;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.select.SelectionContext;
import dev.sparsed.step.StepContext;
import dev.sparsed.tensor.TensorForm;
import java.util.ArrayList;
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
  private final int generationLength;
  private final @Nullable LayerPattern[] layers;
  private LayerPhases phases;
  private @Nullable StepContext step;
  private boolean closed;

  /**
   * What a layer attends with.
   *
   * @param pattern rows of some queries, closed with the session
   * @param firstQuery the first of them
   */
  private record LayerPattern(PreparedPattern pattern, int firstQuery) {}

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
    this.layers = new LayerPattern[layers];
    this.phases = LayerPhases.all(AttentionPhase.FULL, layers);
    this.totalSteps = totalSteps;
    this.generationLength = generationLength;
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
    return beginStep(context, LayerPhases.scheduled(policies, context));
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
    return beginStep(StepContext.of(step, totalSteps), LayerPhases.all(phase, layers.length));
  }

  /**
   * Begins a denoising step in phases that the caller determines.
   *
   * @param context where the sequence stands; read until the next step begins
   * @param phases the phase of each layer, instead of the ones that the schedules say
   * @return the phase of the step as a whole
   * @throws IndexOutOfBoundsException if there is no such step
   * @throws IllegalArgumentException if there are not as many phases as layers
   * @throws IllegalStateException if the session is closed
   */
  public AttentionPhase beginStep(StepContext context, LayerPhases phases) {
    checkOpen();
    checkElementIndex(context.step(), totalSteps, "step");
    checkArgument(
        phases.layers() == layers.length,
        "there are %s layers but the phases of %s",
        layers.length,
        phases.layers());
    this.phases = phases;
    this.step = context;
    return phases.overall();
  }

  /**
   * The phase of the current step as a whole, see {@link LayerPhases#overall}.
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
    checkElementIndex(layer, layers.length, "layer");
    return phases.of(layer);
  }

  /**
   * Number of layers.
   *
   * @return the count
   */
  public int layers() {
    return layers.length;
  }

  /**
   * The policy of a layer.
   *
   * @param layer index of the layer
   * @return the policy, one for a single layer
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  public AttentionPolicy policy(int layer) {
    checkElementIndex(layer, layers.length, "layer");
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
    checkElementIndex(layer, layers.length, "layer");
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
            backend.denseAndSelect(call, selection(layer, shape, context));
        setPattern(layer, selected.pattern(), firstQuery);
        yield output(layer, call, selected.output());
      }
      case SPARSE_AND_SELECT -> {
        PreparedPattern selected = backend.select(call, selection(layer, shape, context));
        setPattern(layer, selected, firstQuery);
        yield output(layer, call, backend.sparse(call, selected));
      }
      case SPARSE ->
          output(
              layer,
              call,
              backend.sparse(
                  call, queries(layerPattern(layer, shape, context), firstQuery, shape)));
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
    checkElementIndex(layer, layers.length, "layer");
    BlockShape blocks = policies.get(layer).blocks();
    checkArgument(
        pattern.grid().blocks().equals(blocks),
        "the pattern's blocks of %s are not the policy's of %s",
        pattern.grid().blocks(),
        blocks);
    setPattern(layer, PreparedPattern.of(pattern), 0);
  }

  /**
   * Whether a layer has a pattern by now. Never waits for a device.
   *
   * @param layer index of the layer
   * @return true if it has
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  public boolean hasPattern(int layer) {
    checkElementIndex(layer, layers.length, "layer");
    return layers[layer] != null;
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
    return patternOf(layers[layer]);
  }

  private static Optional<SparsePattern> patternOf(@Nullable LayerPattern layer) {
    return Optional.ofNullable(layer).map(LayerPattern::pattern).map(PreparedPattern::pattern);
  }

  private LayerPattern layerPattern(int layer, AttentionShape shape, StepContext context) {
    LayerPattern pattern = layers[layer];
    return pattern == null ? setPattern(layer, fixedPattern(layer, shape, context), 0) : pattern;
  }

  /** What the policy's selector chooses without scores, for a layer without a pattern. */
  private PreparedPattern fixedPattern(int layer, AttentionShape shape, StepContext context) {
    AttentionPolicy own = policies.get(layer);
    BlockGrid grid =
        new BlockGrid(
            shape.batch(), shape.heads(), shape.keyLength(), shape.keyLength(), own.blocks());
    return Selection.withoutScores(
            grid,
            grid.firstGenerationBlock(generationLength),
            own.selector(),
            selectionContext(layer, shape, context))
        .map(PreparedPattern::of)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    String.format(
                        Locale.ROOT,
                        "layer %d has no pattern in sparse step %d: no earlier step was one that"
                            + " selects, and %s needs scores",
                        layer,
                        context.step(),
                        own.selector())));
  }

  /** The part of a pattern that is the call's. */
  private static PreparedPattern queries(LayerPattern layer, int firstQuery, AttentionShape shape) {
    BlockGrid grid = layer.pattern().grid();
    int end = layer.firstQuery() + grid.queryLength();
    checkArgument(
        grid.keyLength() == shape.keyLength()
            && firstQuery >= layer.firstQuery()
            && firstQuery + shape.queryLength() <= end,
        "the layer's pattern is one of queries %s to %s over %s keys, but attention is asked for"
            + " queries %s to %s over %s",
        layer.firstQuery(),
        end - 1,
        grid.keyLength(),
        firstQuery,
        firstQuery + shape.queryLength() - 1,
        shape.keyLength());
    int from = firstQuery - layer.firstQuery();
    return layer.pattern().queries(from, from + shape.queryLength());
  }

  private Selection selection(int layer, AttentionShape shape, StepContext context) {
    AttentionPolicy own = policies.get(layer);
    BlockGrid grid = shape.grid(own.blocks());
    ScoreRequest request =
        new ScoreRequest(
            own.blocks(),
            grid.firstGenerationBlock(generationLength),
            own.scoreScale().of(shape),
            own.selector().scope());
    return Selection.of(grid, request, own.selector(), selectionContext(layer, shape, context));
  }

  private SelectionContext selectionContext(int layer, AttentionShape shape, StepContext context) {
    LayerPattern before = layers[layer];
    return SelectionContext.of(
        layer, shape.heads() / shape.kvHeads(), context, () -> patternOf(before));
  }

  private LayerPattern setPattern(int layer, PreparedPattern pattern, int firstQuery) {
    LayerPattern old = layers[layer];
    LayerPattern made = new LayerPattern(pattern, firstQuery);
    layers[layer] = made;
    if (old != null) {
      old.pattern().close();
    }
    return made;
  }

  private void checkOpen() {
    checkState(!closed, "this attention session is closed");
  }

  /** Releases the patterns. Closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    List<AutoCloseable> patterns = new ArrayList<>();
    for (int layer = 0; layer < layers.length; layer++) {
      LayerPattern pattern = layers[layer];
      layers[layer] = null;
      if (pattern != null) {
        patterns.add(pattern.pattern());
      }
    }
    Closing.all(patterns);
  }
}
