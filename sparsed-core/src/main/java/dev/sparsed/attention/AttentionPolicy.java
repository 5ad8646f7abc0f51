package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.attention.internal.SchedulePhases;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreScope;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How a generation attends: when it is sparse, which blocks it then reads, and how they are scored;
 * for all layers alike, or {@link #perLayer}. Immutable.
 */
public final class AttentionPolicy {

  /** Share of the steps with full attention in SparseD's published commands. */
  public static final double PUBLISHED_SKIP = 0.2;

  /** Share of the blocks that SparseD's published commands keep. */
  public static final double PUBLISHED_SELECT = 0.3;

  /** Tokens per block in SparseD's published commands. */
  public static final int PUBLISHED_BLOCK = 128;

  private final SkipSchedule schedule;
  private final BlockSelector selector;
  private final BlockShape blocks;
  private final ScoreScale scoreScale;
  private final @Nullable IntFunction<AttentionPolicy> layers;

  private AttentionPolicy(
      SkipSchedule schedule,
      BlockSelector selector,
      BlockShape blocks,
      ScoreScale scoreScale,
      @Nullable IntFunction<AttentionPolicy> layers) {
    this.schedule = schedule;
    this.selector = selector;
    this.blocks = blocks;
    this.scoreScale = scoreScale;
    this.layers = layers;
  }

  /**
   * The same policy for all layers.
   *
   * @param schedule the phase of each step
   * @param selector chooses the blocks of each row
   * @param blocks tokens per query block and per key block
   * @param scoreScale the factor on q . k when blocks are scored
   */
  public AttentionPolicy(
      SkipSchedule schedule, BlockSelector selector, BlockShape blocks, ScoreScale scoreScale) {
    this(schedule, selector, blocks, scoreScale, null);
  }

  /**
   * The same policy for all layers, with query and key blocks of the same size.
   *
   * @param schedule the phase of each step
   * @param selector chooses the blocks of each row
   * @param blockSize tokens per block b, at least 1
   * @param scoreScale the factor on q . k when blocks are scored
   * @throws IllegalArgumentException if the block size is below 1
   */
  public AttentionPolicy(
      SkipSchedule schedule, BlockSelector selector, int blockSize, ScoreScale scoreScale) {
    this(schedule, selector, BlockShape.square(blockSize), scoreScale);
  }

  /**
   * A policy of its own for each layer. What it says of itself, such as {@link #schedule}, is that
   * of layer 0; whoever attends asks {@link #ofLayer}.
   *
   * @param layers gives the policy of the layer of an index, from 0; asked once for each layer at
   *     most, for layer 0 now and for others when the first generation begins, on its thread. The
   *     policies are none of this kind themselves
   * @return the policy
   * @throws IllegalArgumentException if layer 0 has none, or one of this kind
   */
  public static AttentionPolicy perLayer(IntFunction<AttentionPolicy> layers) {
    Map<Integer, AttentionPolicy> known = new ConcurrentHashMap<>();
    IntFunction<AttentionPolicy> once =
        layer -> known.computeIfAbsent(layer, unknown -> ofLayer(layers, unknown));
    AttentionPolicy first = once.apply(0);
    return new AttentionPolicy(
        first.schedule, first.selector, first.blocks, first.scoreScale, once);
  }

  @SuppressWarnings("ConstantValue") // Users' functions may be compiled without null checks.
  private static AttentionPolicy ofLayer(IntFunction<AttentionPolicy> layers, int layer) {
    AttentionPolicy policy = layers.apply(layer);
    checkArgument(policy != null, "layer %s has no attention policy", layer);
    checkArgument(
        policy.layers == null,
        "the attention policy of layer %s differs by layer again; give one for a single layer",
        layer);
    return policy;
  }

  /**
   * The policy of a layer.
   *
   * @param layer index of the layer, from 0
   * @return this policy where it is the same for all layers, or the layer's
   * @throws IllegalArgumentException if the index is negative or the layer has no policy of its own
   */
  public AttentionPolicy ofLayer(int layer) {
    checkArgument(layer >= 0, "layer must not be negative but is %s", layer);
    return layers == null ? this : layers.apply(layer);
  }

  /**
   * The policies of all layers of a model.
   *
   * @param count number of layers, at least 1
   * @return the policy of each layer, in order
   * @throws IllegalArgumentException if the number is below 1 or a layer has no policy of its own
   */
  public List<AttentionPolicy> ofLayers(int count) {
    checkArgument(count >= 1, "layers must be at least 1 but is %s", count);
    return layers == null
        ? Collections.nCopies(count, this)
        : IntStream.range(0, count).mapToObj(this::ofLayer).toList();
  }

  /**
   * Whether layers have policies of their own.
   *
   * @return true if {@link #perLayer} made this policy
   */
  public boolean isPerLayer() {
    return layers != null;
  }

  /**
   * When to attend sparsely.
   *
   * @return the phase of each step
   */
  public SkipSchedule schedule() {
    return schedule;
  }

  /**
   * What chooses the blocks of each row.
   *
   * @return the selector
   */
  public BlockSelector selector() {
    return selector;
  }

  /**
   * Sizes of the blocks.
   *
   * @return tokens per query block and per key block
   */
  public BlockShape blocks() {
    return blocks;
  }

  /**
   * The factor on q . k when blocks are scored.
   *
   * @return the scale
   */
  public ScoreScale scoreScale() {
    return scoreScale;
  }

  /**
   * The size of query and key blocks where it is the same.
   *
   * @return tokens per block b
   * @throws IllegalStateException if the sizes differ
   */
  public int blockSize() {
    return blocks.blockSize();
  }

  /**
   * Full attention at every step.
   *
   * @return the policy
   */
  public static AttentionPolicy full() {
    return of(SkipSchedule.always(AttentionPhase.FULL), BlockSelector.all(), PUBLISHED_BLOCK);
  }

  /**
   * SparseD (arXiv 2509.24014) as its published commands run it.
   *
   * @return the policy
   */
  public static AttentionPolicy sparseD() {
    return sparseD(PUBLISHED_SKIP, PUBLISHED_SELECT, PUBLISHED_BLOCK);
  }

  /**
   * SparseD (arXiv 2509.24014) with the model's published scale for selection.
   *
   * @param skip share of the steps with full attention, 0 to 1, such as {@link #PUBLISHED_SKIP}
   * @param select share of the blocks to keep, 0 to 1, such as {@link #PUBLISHED_SELECT}
   * @param blockSize tokens per block, such as {@link #PUBLISHED_BLOCK}
   * @return the policy
   * @throws IllegalArgumentException if a share is not between 0 and 1 or the block size is below 1
   */
  public static AttentionPolicy sparseD(double skip, double select, int blockSize) {
    return of(SkipSchedule.ratio(skip), new IsolatedTopK(select), blockSize);
  }

  /**
   * Sparse attention from the first step on with a pattern that needs no scores.
   *
   * @param selector a selector that needs no scores, such as {@link
   *     dev.sparsed.select.SlidingWindow}
   * @param blockSize tokens per block
   * @return the policy
   * @throws IllegalArgumentException if the selector needs scores, which no step before the first
   *     gives, or the block size is below 1
   */
  public static AttentionPolicy fixedPattern(BlockSelector selector, int blockSize) {
    checkArgument(
        selector.scope() == ScoreScope.NONE,
        "a fixed pattern needs a selector without scores but %s reads %s; use sparseD, or a schedule"
            + " with a phase that selects",
        selector,
        selector.scope());
    return of(SkipSchedule.always(AttentionPhase.SPARSE), selector, blockSize);
  }

  private static AttentionPolicy of(SkipSchedule schedule, BlockSelector selector, int blockSize) {
    return new AttentionPolicy(schedule, selector, blockSize, ScoreScale.PUBLISHED);
  }

  /**
   * The same policy with other blocks, such as single key columns: {@code new BlockShape(32, 1)}.
   *
   * @param shape tokens per query block and per key block
   * @return the changed policy
   */
  public AttentionPolicy withBlocks(BlockShape shape) {
    return layers == null
        ? new AttentionPolicy(schedule, selector, shape, scoreScale)
        : perLayer(layer -> ofLayer(layer).withBlocks(shape));
  }

  /**
   * The same policy with another scale for selection.
   *
   * @param scale the factor on q . k when blocks are scored
   * @return the changed policy
   */
  public AttentionPolicy withScoreScale(ScoreScale scale) {
    return layers == null
        ? new AttentionPolicy(schedule, selector, blocks, scale)
        : perLayer(layer -> ofLayer(layer).withScoreScale(scale));
  }

  /**
   * Share of the blocks that a sparse step of a generation will compute, as far as the selector
   * tells.
   *
   * @param length tokens of the sequence S, at least 1
   * @param generationLength tokens to generate G, at the end of the sequence; 0 or more
   * @return 0 to 1, or empty where it is not known before there are scores
   * @throws IllegalArgumentException if a length is out of its range
   * @throws IllegalStateException if the selector tells a number that is no share, or layers have
   *     policies of their own: ask each
   */
  public OptionalDouble expectedDensity(int length, int generationLength) {
    requireOne("expectedDensity");
    BlockGrid grid = new BlockGrid(1, 1, length, length, blocks);
    OptionalDouble density =
        selector.expectedDensity(grid, grid.firstGenerationBlock(generationLength));
    density.ifPresent(
        share ->
            checkState(
                share >= 0 && share <= 1,
                "%s expects a density of %s; it must be between 0 and 1",
                selector,
                share));
    return density;
  }

  /**
   * Whether any step of a generation is expected to attend sparsely.
   *
   * @param totalSteps denoising steps T, at least 1
   * @return true if some step's phase is sparse
   * @throws IllegalStateException if layers have policies of their own: ask each
   */
  public boolean isEverSparse(int totalSteps) {
    requireOne("isEverSparse");
    for (int step = 0; step < totalSteps; step++) {
      if (SchedulePhases.of(schedule, step, totalSteps).isSparse()) {
        return true;
      }
    }
    return false;
  }

  private void requireOne(String question) {
    checkState(
        layers == null,
        "%s has an answer for each layer, as they have policies of their own; ask ofLayer(layer)",
        question);
  }

  /** A policy per layer equals itself only. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AttentionPolicy that
        && schedule.equals(that.schedule)
        && selector.equals(that.selector)
        && blocks.equals(that.blocks)
        && scoreScale.equals(that.scoreScale)
        && Objects.equals(layers, that.layers);
  }

  @Override
  public int hashCode() {
    return Objects.hash(schedule, selector, blocks, scoreScale, layers);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "AttentionPolicy[%s%s, %s, blocks of %s]",
        layers == null ? "" : "per layer, the first: ",
        schedule,
        selector,
        blocks);
  }
}
