package dev.sparsed.models.internal.cache;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.internal.Closing;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CacheStep;
import dev.sparsed.models.cache.CachedSequence;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.transformer.LayerAttention;
import dev.sparsed.models.internal.transformer.SessionAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What one sequence keeps of its keys and values from one step to the next, as the plans of its
 * {@link CachePlanner} say: one copy per layer, of key/value heads only. Used by one thread;
 * closing it releases the memory.
 */
public final class KeyValueCache implements AutoCloseable {

  private final CachePlanner planner;
  private final PlanRules rules;
  private final AttentionBackend<Tensor> backend;
  private final SparseAttention<Tensor> session;
  private final CachedSequence sequence;
  private final int length;
  private final @Nullable LayerStore[] layers;

  private final @Nullable LayerReading[] readings;

  private final LayerInputs inputs;

  /** Null for a model whose attention reads everything. */
  private final @Nullable BlockCausalAttention causal;

  /**
   * An empty cache for a model whose attention reads everything.
   *
   * @param policy what is kept
   * @param backend attends to kept tokens
   * @param session attends to whole sequences and, where nothing was dropped, to their blocks
   * @param sequence the sequence
   * @param index which of the sequences of its generation it is, for messages
   */
  public KeyValueCache(
      CachePolicy policy,
      AttentionBackend<Tensor> backend,
      SparseAttention<Tensor> session,
      CachedSequence sequence,
      int index) {
    this(policy, backend, session, sequence, index, OptionalInt.empty());
  }

  /**
   * An empty cache.
   *
   * @param policy what is kept
   * @param backend attends to kept tokens
   * @param session attends to whole sequences and, where nothing was dropped, to their blocks
   * @param sequence the sequence
   * @param index which of the sequences of its generation it is, for messages
   * @param causalBlock tokens per block of attention that is causal over blocks; empty if it reads
   *     everything
   */
  public KeyValueCache(
      CachePolicy policy,
      AttentionBackend<Tensor> backend,
      SparseAttention<Tensor> session,
      CachedSequence sequence,
      int index,
      OptionalInt causalBlock) {
    this.causal =
        causalBlock.isPresent() ? new BlockCausalAttention(backend, causalBlock.getAsInt()) : null;
    this.planner = policy.planner(sequence);
    this.rules = new PlanRules(policy, sequence.length(), sequence.layers(), index);
    this.backend = backend;
    this.session = session;
    this.sequence = sequence;
    this.length = sequence.length();
    this.layers = new LayerStore[sequence.layers()];
    this.readings = new LayerReading[sequence.layers()];
    this.inputs = new LayerInputs(length, sequence.layers());
  }

  /**
   * Asks for the plan of the next step.
   *
   * @param step where the sequence stands
   * @param readable the positions that can be decided where some are fed
   * @return what it feeds, reads and keeps
   * @throws IllegalStateException if the plan makes no sense, naming the policy
   */
  public CachePlan plan(CacheStep step, UnaryOperator<Positions> readable) {
    return rules.checked(planner.plan(step), step, readable);
  }

  /**
   * Asks for the plan of the next step of a sequence that feeds what another one feeds.
   *
   * @param step where the sequence stands
   * @param other the other one's plan
   * @return what it reads and keeps
   * @throws IllegalStateException if the plan makes no sense, naming the policy
   */
  public CachePlan planAs(CacheStep step, CachePlan other) {
    return rules.checkedAs(planner.plan(step), other, step);
  }

  /**
   * Begins a forward pass.
   *
   * @param plan the step's plan
   * @param step the step
   * @param listener sees what is kept
   * @return attention for the pass
   */
  public LayerAttention attention(CachePlan plan, DecodingStep step, EvictionListener listener) {
    if (!plan.keepsLayerInputs()) {
      inputs.close();
    }
    if (plan.use(length).feedsAll() && !plan.measuresDrift()) {
      clear();
      if (causal == null && plan.keepsNothing() && !plan.observes() && !plan.keepsLayerInputs()) {
        return new SessionAttention(session);
      }
    }
    return new CachedAttention(this, plan, step, listener);
  }

  /**
   * Memory held.
   *
   * @return bytes of keys, values and layer inputs of all layers
   */
  public long bytes() {
    long bytes = inputs.bytes();
    for (int layer = 0; layer < layers.length; layer++) {
      LayerStore store = layers[layer];
      LayerReading reading = readings[layer];
      bytes += store == null ? 0 : store.bytes();
      bytes += reading == null ? 0 : reading.store().bytes();
    }
    return bytes;
  }

  /**
   * What a layer keeps.
   *
   * @param layer index of the layer
   * @return positions of the tokens
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  public Positions kept(int layer) {
    LayerStore store = layers[layer];
    return store == null ? Positions.none() : store.positions();
  }

  /** Releases all keys and values; the cache may be filled again. */
  public void clear() {
    for (int layer = 0; layer < layers.length; layer++) {
      store(layer, null);
      reading(layer, null);
    }
  }

  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>(List.<AutoCloseable>of(this::clear, inputs));
    if (causal != null) {
      all.add(causal);
    }
    all.add(planner);
    Closing.all(all);
  }

  AttentionBackend<Tensor> backend() {
    return backend;
  }

  SparseAttention<Tensor> session() {
    return session;
  }

  @Nullable BlockCausalAttention causal() {
    return causal;
  }

  PlanRules rules() {
    return rules;
  }

  LayerInputs inputs() {
    return inputs;
  }

  CachedSequence sequence() {
    return sequence;
  }

  int length() {
    return length;
  }

  /** Number of layers. */
  int layers() {
    return layers.length;
  }

  @Nullable LayerStore store(int layer) {
    return layers[layer];
  }

  /** Replaces what a layer keeps. */
  void store(int layer, @Nullable LayerStore store) {
    LayerStore old = layers[layer];
    layers[layer] = store;
    if (old != null && old != store) {
      old.close();
    }
  }

  @Nullable LayerReading reading(int layer) {
    return readings[layer];
  }

  /** Replaces what a layer reads. */
  void reading(int layer, @Nullable LayerReading reading) {
    LayerReading old = readings[layer];
    readings[layer] = reading;
    if (old != null) {
      old.close();
    }
  }
}
