package dev.sparsed.models.method;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSortedSet;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.SlidingWindow;
import dev.sparsed.select.TopK;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** How steps attend, as a value that has a name. */
public sealed interface MethodAttention {

  /**
   * The policy for a generation.
   *
   * @return the policy
   */
  AttentionPolicy policy();

  /**
   * Whether a setting changes anything.
   *
   * @param setting the setting
   * @return true if it does
   */
  boolean uses(MethodSetting<?> setting);

  /**
   * The name, with the settings that differ from the published ones.
   *
   * @return such as {@code sparsed:select=0.5+no-reuse}
   */
  String name();

  /**
   * Everything that decides how steps attend.
   *
   * @return the name and all settings
   */
  String description();

  /**
   * The names of all ways to attend.
   *
   * @return the names, in a fixed order
   */
  static List<String> names() {
    return List.of(Full.NAME, SparseD.NAME, Window.SLIDING, Window.WITH_SINKS);
  }

  /**
   * The way to attend of a name.
   *
   * @param name one of {@link #names()}
   * @param ablations what is taken away from SparseD
   * @param settings what is given of its settings; those of other methods are passed over
   * @return the way to attend
   * @throws IllegalArgumentException if there is none of that name, if a setting is out of its
   *     range, or if something is taken away from another than SparseD
   */
  static MethodAttention of(String name, Set<Ablation> ablations, MethodSettings settings) {
    checkArgument(
        ablations.isEmpty() || name.equals(SparseD.NAME),
        "%s takes something away from sparsed and has no meaning for %s",
        ablations,
        name);
    int blockSize = settings.get(MethodSetting.BLOCK_SIZE).orElse(AttentionPolicy.PUBLISHED_BLOCK);
    return switch (name) {
      case Full.NAME -> new Full();
      case SparseD.NAME ->
          new SparseD(
              settings.get(MethodSetting.SKIP).orElse(AttentionPolicy.PUBLISHED_SKIP),
              settings.get(MethodSetting.SELECT).orElse(AttentionPolicy.PUBLISHED_SELECT),
              blockSize,
              settings.get(MethodSetting.SCORE_SCALE).orElse(NamedScale.PUBLISHED),
              ablations);
      case Window.SLIDING, Window.WITH_SINKS ->
          new Window(
              settings.get(MethodSetting.WINDOW).orElse(SlidingWindow.DEFAULT_WINDOW),
              name.equals(Window.SLIDING)
                  ? OptionalInt.empty()
                  : OptionalInt.of(
                      settings.get(MethodSetting.SINKS).orElse(SlidingWindow.DEFAULT_SINKS)),
              blockSize);
      default ->
          throw new IllegalArgumentException(
              "there is no attention '" + name + "'; there are " + String.join(", ", names()));
    };
  }

  /** Full attention in every step. */
  record Full() implements MethodAttention {

    private static final String NAME = "full";

    @Override
    public AttentionPolicy policy() {
      return AttentionPolicy.full();
    }

    @Override
    public boolean uses(MethodSetting<?> setting) {
      return false;
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return NAME;
    }
  }

  /**
   * SparseD.
   *
   * @param skip share of the steps with full attention, 0 to 1; the published one where none skips
   * @param select share of the key blocks to keep, 0 to 1
   * @param blockSize tokens per attention block, at least 1
   * @param scoreScale the factor on the scores that blocks are selected by
   * @param ablations what is taken away
   */
  record SparseD(
      double skip, double select, int blockSize, NamedScale scoreScale, Set<Ablation> ablations)
      implements MethodAttention {

    private static final String NAME = "sparsed";

    /** As the published commands run it. */
    public static final SparseD PUBLISHED =
        new SparseD(
            AttentionPolicy.PUBLISHED_SKIP,
            AttentionPolicy.PUBLISHED_SELECT,
            AttentionPolicy.PUBLISHED_BLOCK,
            NamedScale.PUBLISHED,
            Set.of());

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public SparseD {
      ablations = ImmutableSortedSet.copyOf(ablations);
      // Methods that do the same are equal: a share that no step heeds is none of their settings.
      skip = ablations.contains(Ablation.NO_SKIP) ? AttentionPolicy.PUBLISHED_SKIP : skip;
      AttentionPolicy.sparseD(skip, select, blockSize);
    }

    @Override
    public AttentionPolicy policy() {
      return new AttentionPolicy(schedule(), selector(), blockSize, scoreScale.scale());
    }

    private BlockSelector selector() {
      return ablations.contains(Ablation.NO_ISOLATION)
          ? new TopK(select)
          : new IsolatedTopK(select);
    }

    private SkipSchedule schedule() {
      boolean reuse = !ablations.contains(Ablation.NO_REUSE);
      if (ablations.contains(Ablation.NO_SKIP)) {
        return (step, total) ->
            reuse && step > 0 ? AttentionPhase.SPARSE : AttentionPhase.SPARSE_AND_SELECT;
      }
      SkipSchedule published = SkipSchedule.ratio(skip);
      if (reuse) {
        return published;
      }
      return (step, total) ->
          published.phase(step, total) == AttentionPhase.SPARSE
              ? AttentionPhase.SPARSE_AND_SELECT
              : AttentionPhase.FULL;
    }

    @Override
    public boolean uses(MethodSetting<?> setting) {
      return (setting == MethodSetting.SKIP && !ablations.contains(Ablation.NO_SKIP))
          || setting == MethodSetting.SELECT
          || setting == MethodSetting.SCORE_SCALE
          || setting == MethodSetting.BLOCK_SIZE;
    }

    @Override
    public String name() {
      StringBuilder name = new StringBuilder(NAME);
      name.append(MethodSetting.SKIP.written(skip, PUBLISHED.skip));
      name.append(MethodSetting.SELECT.written(select, PUBLISHED.select));
      name.append(MethodSetting.SCORE_SCALE.written(scoreScale, PUBLISHED.scoreScale));
      name.append(MethodSetting.BLOCK_SIZE.written(blockSize, PUBLISHED.blockSize));
      ablations.forEach(ablation -> name.append('+').append(ablation));
      return name.toString();
    }

    @Override
    public String description() {
      StringBuilder text = new StringBuilder(NAME);
      ablations.forEach(ablation -> text.append('+').append(ablation.toString().replace('-', '_')));
      text.append(" skip=").append(skip).append(" select=").append(select);
      if (scoreScale != NamedScale.PUBLISHED) {
        text.append(" score_scale=").append(scoreScale);
      }
      return text.append(" block_size=").append(blockSize).toString();
    }
  }

  /**
   * The blocks around the query's and, as in StreamingLLM, the first ones.
   *
   * @param window blocks on either side of the query's, 0 or more
   * @param sinks blocks at the start, 0 or more; empty for a window alone
   * @param blockSize tokens per attention block, at least 1
   */
  record Window(int window, OptionalInt sinks, int blockSize) implements MethodAttention {

    private static final String SLIDING = "sliding-window";
    private static final String WITH_SINKS = "sinks-window";

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Window {
      AttentionPolicy.fixedPattern(new SlidingWindow(window, sinks.orElse(0)), blockSize);
    }

    @Override
    public AttentionPolicy policy() {
      return AttentionPolicy.fixedPattern(new SlidingWindow(window, sinks.orElse(0)), blockSize);
    }

    @Override
    public boolean uses(MethodSetting<?> setting) {
      return setting == MethodSetting.WINDOW
          || setting == MethodSetting.BLOCK_SIZE
          || (setting == MethodSetting.SINKS && sinks.isPresent());
    }

    @Override
    public String name() {
      return (sinks.isPresent() ? WITH_SINKS : SLIDING)
          + MethodSetting.BLOCK_SIZE.written(blockSize, AttentionPolicy.PUBLISHED_BLOCK)
          + MethodSetting.WINDOW.written(window, SlidingWindow.DEFAULT_WINDOW)
          + MethodSetting.SINKS.written(
              sinks.orElse(SlidingWindow.DEFAULT_SINKS), SlidingWindow.DEFAULT_SINKS);
    }

    @Override
    public String description() {
      return (sinks.isPresent() ? WITH_SINKS : SLIDING).replace('-', '_')
          + (" window=" + window)
          + (sinks.isPresent() ? " sinks=" + sinks.getAsInt() : "")
          + (" block_size=" + blockSize);
    }
  }

  /** What is taken away from SparseD, as its paper's ablations do. */
  enum Ablation {
    /** Sparse from the first step on, which also builds the pattern. */
    NO_SKIP,
    /** Every sparse step builds its own pattern. */
    NO_REUSE,
    /** Prompt and generation blocks are ranked together. */
    NO_ISOLATION;

    /** The name in names of methods, such as {@code no-skip}. */
    @Override
    public String toString() {
      return Ascii.toLowerCase(name()).replace('_', '-');
    }
  }

  /** The scales of scores that have a name. */
  @SuppressWarnings("ImmutableEnumChecker") // The scales are functions without state.
  enum NamedScale {
    /** The one of the published code of the model's family. */
    PUBLISHED(ScoreScale.PUBLISHED),
    /** {@code 1 / sqrt(D)}. */
    HEAD_DIMENSION(ScoreScale.HEAD_DIMENSION),
    /** {@code 1 / sqrt(H)}. */
    HEAD_COUNT(ScoreScale.HEAD_COUNT);

    private final ScoreScale scale;

    NamedScale(ScoreScale scale) {
      this.scale = scale;
    }

    /**
     * The scale of a name.
     *
     * @param name such as {@code head_count}, in any case, with underscores or hyphens
     * @return the scale
     * @throws IllegalArgumentException if there is none of that name
     */
    public static NamedScale of(String name) {
      for (NamedScale value : values()) {
        if (value.toString().equals(Ascii.toLowerCase(name).replace('-', '_'))) {
          return value;
        }
      }
      throw new IllegalArgumentException(
          "score_scale must be published, head_dimension or head_count but is '" + name + "'");
    }

    /**
     * The factor.
     *
     * @return the scale
     */
    public ScoreScale scale() {
      return scale;
    }

    @Override
    public String toString() {
      return Ascii.toLowerCase(name());
    }
  }
}
