package dev.sparsed.models.internal.cache;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.decoding.DecodingStep;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.transformer.LayerAttention;
import dev.sparsed.models.internal.transformer.LayerInput;
import dev.sparsed.models.internal.transformer.SessionAttention;
import dev.sparsed.models.internal.transformer.TokenRange;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/** One forward pass that reads or fills a cache, as its plan says. */
final class CachedAttention implements LayerAttention {

  private final KeyValueCache cache;
  private final CachePlan plan;
  private final DecodingStep step;
  private final EvictionListener listener;
  private final BitSet passedOver = new BitSet();
  private final BitSet reused = new BitSet();
  private Positions fed;
  private boolean refreshes;

  CachedAttention(
      KeyValueCache cache, CachePlan plan, DecodingStep step, EvictionListener listener) {
    this.cache = cache;
    this.plan = plan;
    this.step = step;
    this.listener = listener;
    this.fed = plan.fed(cache.length());
    // Users are asked on the generation's thread, now: another one may run the pass.
    for (int layer = 0; layer < cache.layers(); layer++) {
      passedOver.set(layer, plan.passesOver(layer));
      reused.set(layer, plan.reuses(layer));
    }
  }

  @Override
  public int length(Positions tokens) {
    return cache.length();
  }

  @Override
  public LayerInput enter(int layer, LayerInput input) {
    LayerInput entered = input;
    if (refreshes) {
      refreshes = false;
      entered = cache.inputs().widened(layer, input, cache.rules().who());
    } else if (plan.keepsLayerInputs()) {
      boolean reuses = reused.get(layer) && !feedsAll();
      Tensor change = reuses ? cache.inputs().change(layer, fed, cache.rules().who()) : null;
      boolean leftOut = passedOver.get(layer) && !reused.get(layer) && !feedsAll();
      cache.inputs().keep(layer, input, leftOut);
      if (change != null) {
        Scoped.run(() -> input.hidden().add_(change));
        change.close();
      }
    }
    fed = entered.positions();
    return entered;
  }

  /** After a refresh all layers run. */
  @Override
  public boolean runs(int layer) {
    return feedsAll() || !passedOver.get(layer);
  }

  private boolean feedsAll() {
    return fed.size() == cache.length();
  }

  /** What is kept must be projected, and what is observed has queries. */
  @Override
  public TokenRange lastLayerQueries(TokenRange read, int length) {
    boolean needsSome = read.length() == 0 && !plan.keepsNothing();
    TokenRange needed = plan.observes() || needsSome ? cover(read, range(observed())) : read;
    BlockCausalAttention causal = cache.causal();
    if (causal != null) {
      return causalQueries(needed, causal.blockLength());
    }
    return feedsAll()
        ? new SessionAttention(cache.session()).lastLayerQueries(needed, length)
        : needed;
  }

  /** Where a pattern is chosen it is that of the whole block which the fed tokens end with. */
  private TokenRange causalQueries(TokenRange needed, int blockLength) {
    SparseAttention<Tensor> session = cache.session();
    if (session.phase(session.layers() - 1).selects()) {
      int first = fed.indexOf(fed.last() / blockLength * blockLength);
      return cover(needed, new TokenRange(first, fed.size()));
    }
    return needed.length() == 0 ? needed : fromBlock(needed, blockLength);
  }

  /** The same range from the beginning of its first token's block, where that is fed. */
  private TokenRange fromBlock(TokenRange range, int blockLength) {
    int inBlock = fed.at(range.from()) % blockLength;
    return new TokenRange(Math.max(0, range.from() - inBlock), range.to());
  }

  private static TokenRange cover(TokenRange read, TokenRange others) {
    return read.length() == 0
        ? others
        : new TokenRange(Math.min(read.from(), others.from()), Math.max(read.to(), others.to()));
  }

  /** The fed tokens of the step's block; all fed ones if none is of the block. */
  private Positions observed() {
    Positions block = cache.sequence().generation().within(step.start(), step.end());
    Positions ofBlock = block.intersect(fed);
    return ofBlock.isEmpty() ? fed : ofBlock;
  }

  /** Indices of fed tokens from the first to the last of some. */
  private TokenRange range(Positions some) {
    return new TokenRange(fed.indexOf(some.first()), fed.indexOf(some.last()) + 1);
  }

  /** The queries [1, H, n, D] of some fed tokens, of those that start with a fed token's. */
  private Tensor queries(Tensor query, int firstQuery, Positions some) {
    TokenRange range = range(some);
    if (range.length() == some.size()) {
      return query.narrow(2, (long) range.from() - firstQuery, range.length());
    }
    int[] rows = some.stream().map(position -> fed.indexOf(position) - firstQuery).toArray();
    try (Device device = query.device()) {
      return query.index_select(2, HostArrays.toTensor(rows, device));
    }
  }

  @Override
  public Tensor attend(int layer, Tensor query, Tensor key, Tensor value, int firstQuery) {
    return Scoped.result(
        () -> {
          LayerDrift drift =
              plan.measuresDrift()
                  ? LayerDrift.of(cache.store(layer), fed, key, value)
                  : LayerDrift.UNKNOWN;
          LayerStore store = stored(layer, key, value);
          LayerStore read = read(layer, store, key, value);
          Tensor output = attend(layer, query, read, firstQuery);
          if (plan.observes()) {
            Positions observed = observed();
            observe(
                new AttendedLayer(
                    layer,
                    fed,
                    observed,
                    store.positions(),
                    read.positions(),
                    queries(query, firstQuery, observed),
                    read.keys(),
                    drift,
                    listener));
          }
          if (plan.keepsNothing()) {
            cache.store(layer, null);
          }
          return output;
        });
  }

  @Override
  public boolean callsUsers(int layer) {
    return plan.observes()
        || plan.reads().isPresent()
        || new SessionAttention(cache.session()).callsUsers(layer);
  }

  /** Puts the fed tokens to what is kept. */
  private LayerStore stored(int layer, Tensor key, Tensor value) {
    LayerStore before = cache.store(layer);
    LayerStore now =
        before == null ? new LayerStore(fed, key, value) : before.with(fed, key, value);
    cache.store(layer, now);
    return now;
  }

  /** What the fed queries read: all that is stored, or a copy of some of it. */
  private LayerStore read(int layer, LayerStore store, Tensor key, Tensor value) {
    Optional<IntFunction<Positions>> chosen = plan.reads();
    if (chosen.isEmpty() || feedsAll()) {
      cache.reading(layer, null);
      return store;
    }
    Positions wanted =
        cache
            .rules()
            .reads(chosen.get().apply(layer), layer)
            .intersect(store.positions())
            .union(fed);
    LayerReading before = cache.reading(layer);
    if (before != null && before.serves(fed, wanted)) {
      before.store().write(fed, key, value);
      return before.store();
    }
    LayerStore copy = store.only(wanted);
    cache.reading(layer, new LayerReading(copy, fed));
    return copy;
  }

  private Tensor attend(int layer, Tensor query, LayerStore read, int firstQuery) {
    BlockCausalAttention causal = cache.causal();
    if (causal != null) {
      Positions queries = fed.slice(firstQuery, firstQuery + (int) query.size(2));
      return cache.session().phase(layer) == AttentionPhase.FULL
          ? causal.attend(query, queries, read)
          : new PrefixRows(cache.session(), layer, causal).attend(query, queries, read);
    }
    if (feedsAll()) {
      return cache.session().attend(layer, query, read.keys(), read.values(), firstQuery);
    }
    if (read.positions().size() == cache.length() && cache.session().phase(layer).isSparse()) {
      Positions queries = fed.slice(firstQuery, firstQuery + (int) query.size(2));
      return new PatternRows(cache.session(), layer, read).attend(query, queries);
    }
    return cache.backend().dense(cache.backend().call(query, read.keys(), read.values()));
  }

  private void observe(AttendedLayer view) {
    if (plan.watch().isPresent() && !feedsAll()) {
      refreshes = plan.watch().get().test(view);
    }
    if (plan.chooser().isPresent()) {
      Positions kept = cache.rules().kept(plan.chooser().get().apply(view), view);
      if (kept.size() < view.stored().size()) {
        LayerStore all = cache.store(view.layer());
        cache.store(view.layer(), all == null || kept.isEmpty() ? null : all.only(kept));
      }
    }
  }
}
