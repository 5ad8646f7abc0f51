package dev.sparsed.models.cache;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.decoding.Positions;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one step of a sequence feeds, reads and keeps. Fed tokens attend to one another and to what
 * is kept; their keys and values replace what was kept of them. Without further ado everything is
 * kept, for as long as the plans of later steps let it.
 */
public final class CachePlan {

  private final @Nullable Positions fed;
  private final @Nullable IntFunction<Positions> reads;
  private final @Nullable Function<? super LayerView, Positions> chooser;
  private final @Nullable Predicate<? super LayerView> watch;
  private final boolean keepsNothing;
  private final boolean measuresDrift;
  private final boolean keepsLayerInputs;
  private final boolean skippable;
  private final IntPredicate leftOut;
  private final IntPredicate reused;

  private CachePlan(Changes from) {
    this.fed = from.fed;
    this.reads = from.reads;
    this.chooser = from.chooser;
    this.watch = from.watch;
    this.keepsNothing = from.keepsNothing;
    this.measuresDrift = from.measuresDrift;
    this.keepsLayerInputs = from.keepsLayerInputs;
    this.skippable = from.skippable;
    this.leftOut = from.leftOut;
    this.reused = from.reused;
  }

  /**
   * Feeds the whole sequence, so that everything that was kept is replaced.
   *
   * @return the plan
   */
  public static CachePlan feedAll() {
    return new CachePlan(new Changes());
  }

  /**
   * Feeds some tokens.
   *
   * @param positions their positions, at least one; a masked one of the step's block among them,
   *     with what it is predicted from ({@link CacheStep#withRows})
   * @return the plan
   * @throws IllegalArgumentException if there is none
   */
  public static CachePlan feed(Positions positions) {
    checkArgument(!positions.isEmpty(), "a step must feed at least one token");
    Changes changes = new Changes();
    changes.fed = positions;
    changes.skippable = true;
    return new CachePlan(changes);
  }

  /**
   * The same, and nothing is kept after the step.
   *
   * @return the changed plan
   */
  public CachePlan keepingNothing() {
    Changes changes = new Changes(this);
    changes.keepsNothing = true;
    changes.chooser = null;
    changes.skippable = true;
    return new CachePlan(changes);
  }

  /**
   * The same, and after the step every layer keeps these tokens only.
   *
   * @param positions those to keep, where they are fed or kept already
   * @return the changed plan
   */
  public CachePlan keeping(Positions positions) {
    return keeping(layer -> positions.intersect(layer.stored()));
  }

  /**
   * The same, and after the step every layer keeps what is chosen.
   *
   * @param value chooses among {@link LayerView#stored}. Called once per layer of a forward pass,
   *     in order, when the layer has attended; by the generating thread. With classifier-free
   *     guidance each of the two sequences has a planner of its own. An exception ends the
   *     generation
   * @return the changed plan
   */
  public CachePlan keeping(Function<? super LayerView, Positions> value) {
    Changes changes = new Changes(this);
    changes.keepsNothing = false;
    changes.chooser = value;
    return new CachePlan(changes);
  }

  /**
   * The same, and of what is kept only some tokens are read; the others stay.
   *
   * @param ofLayer positions that are read, for the index of a layer; those that the layer does not
   *     keep count for nothing, and fed ones are read whether named or not
   * @return the changed plan
   */
  public CachePlan reading(IntFunction<Positions> ofLayer) {
    Changes changes = new Changes(this);
    changes.reads = ofLayer;
    return new CachePlan(changes);
  }

  /**
   * The same, and each layer is watched, which may ask for a refresh of those after it. That needs
   * the layers' inputs of tokens that are not fed: let the plans before {@linkplain
   * #keepingLayerInputs keep} them.
   *
   * @param value says whether the layers after it compute on all tokens of the sequence, so that
   *     what they keep is new; of no consequence in the last layer. Called once per layer, in
   *     order, when the layer has attended, until it asks for a refresh; by the generating thread.
   *     An exception ends the generation
   * @return the changed plan
   */
  public CachePlan watching(Predicate<? super LayerView> value) {
    Changes changes = new Changes(this);
    changes.watch = value;
    return new CachePlan(changes);
  }

  /**
   * The same, and the drift of keys and values is measured in every layer.
   *
   * @return the changed plan
   */
  public CachePlan measuringDrift() {
    Changes changes = new Changes(this);
    changes.measuresDrift = true;
    return new CachePlan(changes);
  }

  /**
   * The same, and what each layer computes on is kept besides keys and values: length x hidden size
   * per layer. It is kept until a plan does not ask for it.
   *
   * @return the changed plan
   */
  public CachePlan keepingLayerInputs() {
    Changes changes = new Changes(this);
    changes.keepsLayerInputs = true;
    return new CachePlan(changes);
  }

  /**
   * The same, and some layers do not run: what the layer before them gave goes on to the layer
   * after them as it is. What they keep stays as it is too. A plan that leaves layers out feeds a
   * part of the sequence, and the last layer always runs.
   *
   * @param layers whether a layer is left out, by its index
   * @return the changed plan
   */
  public CachePlan leavingOut(IntPredicate layers) {
    Changes changes = new Changes(this);
    changes.leftOut = layers;
    return new CachePlan(changes);
  }

  /**
   * The same, and some layers do not run: what they added to each fed token when they last ran is
   * added again. What they keep stays as it is. That needs their inputs: let a plan before that
   * feeds the whole sequence, and all since, {@linkplain #keepingLayerInputs keep} them. A layer
   * that was {@linkplain #leavingOut left out} for a token since must run for it before. A plan
   * that reuses layers feeds a part of the sequence, and the last layer always runs. A {@linkplain
   * #watching watch} that asks for a refresh has all layers after it run.
   *
   * @param layers whether a layer is reused, by its index
   * @return the changed plan, which keeps layer inputs
   */
  public CachePlan reusing(IntPredicate layers) {
    Changes changes = new Changes(this);
    changes.reused = layers;
    changes.keepsLayerInputs = true;
    return new CachePlan(changes);
  }

  /**
   * The same, saying whether the step may be left out where it would commit nothing while its block
   * is open. By default a step that feeds everything and keeps something may not.
   *
   * @param value whether it may
   * @return the changed plan
   */
  public CachePlan skippable(boolean value) {
    Changes changes = new Changes(this);
    changes.skippable = value;
    return new CachePlan(changes);
  }

  /**
   * The positions that are fed.
   *
   * @param length tokens of the sequence
   * @return the positions
   */
  public Positions fed(int length) {
    return fed == null ? Positions.range(0, length) : fed;
  }

  /**
   * What the step does with the cache.
   *
   * @param length tokens of the sequence
   * @return the use
   */
  public CacheUse use(int length) {
    if (fed != null && fed.size() < length) {
      return CacheUse.READ;
    }
    return keepsNothing ? CacheUse.BYPASSED : CacheUse.FILLED;
  }

  /**
   * Whether the step may be left out where it would commit nothing.
   *
   * @return true if it may
   */
  public boolean isSkippable() {
    return skippable;
  }

  /**
   * The same with what another plan feeds.
   *
   * @param other the other plan
   * @return the changed plan
   */
  public CachePlan feedingAs(CachePlan other) {
    Changes changes = new Changes(this);
    changes.fed = other.fed;
    return new CachePlan(changes);
  }

  /**
   * What is read of what is kept.
   *
   * @return positions by the index of a layer; empty if all that a layer keeps is read
   */
  public Optional<IntFunction<Positions>> reads() {
    return Optional.ofNullable(reads);
  }

  /**
   * Who chooses what is kept.
   *
   * @return the chooser; empty if everything is kept, or nothing
   */
  public Optional<Function<? super LayerView, Positions>> chooser() {
    return Optional.ofNullable(chooser);
  }

  /**
   * Who watches the layers.
   *
   * @return the watch; empty if nobody does
   */
  public Optional<Predicate<? super LayerView>> watch() {
    return Optional.ofNullable(watch);
  }

  /**
   * Whether a layer does not run.
   *
   * @param layer index of the layer
   * @return true if it is left out or reused
   */
  public boolean passesOver(int layer) {
    return leftOut.test(layer) || reused.test(layer);
  }

  /**
   * Whether what a layer gave is used again.
   *
   * @param layer index of the layer
   * @return true if it is
   */
  public boolean reuses(int layer) {
    return reused.test(layer);
  }

  /**
   * Whether nothing is kept after the step.
   *
   * @return true if nothing is
   */
  public boolean keepsNothing() {
    return keepsNothing;
  }

  /**
   * Whether the drift of keys and values is measured.
   *
   * @return true if it is
   */
  public boolean measuresDrift() {
    return measuresDrift;
  }

  /**
   * Whether layers' inputs are kept.
   *
   * @return true if they are
   */
  public boolean keepsLayerInputs() {
    return keepsLayerInputs;
  }

  /**
   * Whether somebody may look at a layer's queries.
   *
   * @return true if somebody watches or chooses
   */
  public boolean observes() {
    return chooser != null || watch != null;
  }

  private static final class Changes {
    private @Nullable Positions fed;
    private @Nullable IntFunction<Positions> reads;
    private @Nullable Function<? super LayerView, Positions> chooser;
    private @Nullable Predicate<? super LayerView> watch;
    private boolean keepsNothing;
    private boolean measuresDrift;
    private boolean keepsLayerInputs;
    private boolean skippable;
    private IntPredicate leftOut = layer -> false;
    private IntPredicate reused = layer -> false;

    Changes() {}

    Changes(CachePlan plan) {
      fed = plan.fed;
      reads = plan.reads;
      chooser = plan.chooser;
      watch = plan.watch;
      keepsNothing = plan.keepsNothing;
      measuresDrift = plan.measuresDrift;
      keepsLayerInputs = plan.keepsLayerInputs;
      skippable = plan.skippable;
      leftOut = plan.leftOut;
      reused = plan.reused;
    }
  }

  /** What a step does with the cache. */
  public enum CacheUse {
    /** Feeds the whole sequence and leaves the cache alone. */
    BYPASSED,
    /** Feeds the whole sequence and fills the cache with its keys and values. */
    FILLED,
    /** Feeds a part of the sequence and attends to the cache besides. */
    READ;

    /**
     * Whether the whole sequence is fed.
     *
     * @return false for {@link #READ}
     */
    public boolean feedsAll() {
      return this != READ;
    }
  }
}
