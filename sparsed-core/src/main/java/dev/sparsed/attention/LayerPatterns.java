package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.internal.Closing;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.select.SelectionContext;
import dev.sparsed.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The patterns of a session's layers, and what is asked of the backend to build one. Indices of
 * layers have been checked. Closing it releases the patterns.
 */
final class LayerPatterns implements AutoCloseable {

  private final List<AttentionPolicy> policies;
  private final int generationLength;
  private final @Nullable LayerPattern[] layers;

  /**
   * What a layer attends with.
   *
   * @param pattern rows of some queries, closed with the session
   * @param firstQuery the first of them
   */
  private record LayerPattern(PreparedPattern pattern, int firstQuery) {}

  /**
   * None yet.
   *
   * @param policies the policy of each layer
   * @param generationLength tokens to generate, at the end of the sequence
   */
  LayerPatterns(List<AttentionPolicy> policies, int generationLength) {
    this.policies = policies;
    this.generationLength = generationLength;
    this.layers = new LayerPattern[policies.size()];
  }

  boolean has(int layer) {
    return layers[layer] != null;
  }

  Optional<SparsePattern> get(int layer) {
    return patternOf(layers[layer]);
  }

  private static Optional<SparsePattern> patternOf(@Nullable LayerPattern layer) {
    return Optional.ofNullable(layer).map(LayerPattern::pattern).map(PreparedPattern::pattern);
  }

  /**
   * Gives a layer a pattern in place of the one that it has.
   *
   * @param layer index of the layer
   * @param pattern the pattern, from now on owned by these
   * @param firstQuery the first query that it has rows of
   */
  void set(int layer, PreparedPattern pattern, int firstQuery) {
    replace(layer, new LayerPattern(pattern, firstQuery));
  }

  private LayerPattern replace(int layer, LayerPattern pattern) {
    LayerPattern old = layers[layer];
    layers[layer] = pattern;
    if (old != null) {
      old.pattern().close();
    }
    return pattern;
  }

  /** What builds a layer's pattern from the queries and keys of a call. */
  Selection selection(int layer, AttentionShape shape, StepContext context) {
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

  /**
   * The part of a layer's pattern that is a call's.
   *
   * @param layer index of the layer
   * @param firstQuery the call's first query
   * @param shape the call's sizes
   * @param context the step, should the layer have no pattern and its selector need no scores
   * @throws IllegalArgumentException if the pattern has no rows of these queries
   * @throws IllegalStateException if the layer has no pattern, and its selector needs scores
   */
  PreparedPattern ofQueries(int layer, int firstQuery, AttentionShape shape, StepContext context) {
    LayerPattern known = layers[layer];
    LayerPattern own =
        known == null
            ? replace(layer, new LayerPattern(fixedPattern(layer, shape, context), 0))
            : known;
    BlockGrid grid = own.pattern().grid();
    int end = own.firstQuery() + grid.queryLength();
    checkArgument(
        grid.keyLength() == shape.keyLength()
            && firstQuery >= own.firstQuery()
            && firstQuery + shape.queryLength() <= end,
        "the layer's pattern is one of queries %s to %s over %s keys, but attention is asked for"
            + " queries %s to %s over %s",
        own.firstQuery(),
        end - 1,
        grid.keyLength(),
        firstQuery,
        firstQuery + shape.queryLength() - 1,
        shape.keyLength());
    int from = firstQuery - own.firstQuery();
    return own.pattern().queries(from, from + shape.queryLength());
  }

  /** What the policy's selector chooses without scores. */
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

  /** Releases the patterns. Closing twice does nothing. */
  @Override
  public void close() {
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
