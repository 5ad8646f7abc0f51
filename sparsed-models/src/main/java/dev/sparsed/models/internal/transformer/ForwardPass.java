package dev.sparsed.models.internal.transformer;

import com.google.common.primitives.Ints;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.decoding.Predictions;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.internal.checkpoint.MemoryNeed;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass over the tokens of several sequences. Their rows lie one below the other and go
 * through products and norms together; each sequence attends by itself. A group of feeds that fails
 * leaves the pass at the next layer.
 */
final class ForwardPass implements AutoCloseable {

  /** How many times the rows whose logits are held at a time for one feed are held for all. */
  private static final int SHARED_LOGITS = 4;

  private final Architecture model;
  private final TransformerWeights weights;
  private final ScalarType dtype;
  private final Device device;
  private final Turns turns;
  private final RowMath rowMath;
  private final LayerMath math;
  private final List<FeedGroup> groups;
  private final Map<FeedGroup, List<FeedRun>> runs = new HashMap<>();
  private final Map<FeedRun, Fed> results = new HashMap<>();
  private final int mostRows;

  /** The feeds that have not failed. */
  private List<FeedRun> active = new ArrayList<>();

  /** Those of them whose rows are in {@link #hidden}, in this order: that a layer computes on. */
  private List<FeedRun> packed = List.of();

  private Tensor hidden;

  /** Embeds the tokens. Within a scope that outlives this. */
  ForwardPass(
      Architecture model,
      TransformerWeights weights,
      ScalarType dtype,
      Device device,
      List<FeedGroup> groups,
      Turns turns,
      RowMath rowMath,
      long chunkElements) {
    this.model = model;
    this.weights = weights;
    this.dtype = dtype;
    this.device = device;
    this.turns = turns;
    this.groups = new ArrayList<>(groups);
    this.rowMath = rowMath;
    this.math = new LayerMath(model, rowMath);
    this.mostRows = MemoryNeed.rowsTogether(model, chunkElements);
    int[] tokens =
        Ints.concat(
            groups.stream()
                .flatMap(group -> group.feeds().stream())
                .map(Feed::tokens)
                .toArray(int[][]::new));
    this.hidden = weights.embedding().rows(HostArrays.toTensor(tokens, device));
  }

  /** Runs the layers; every group that has not failed is complete afterwards. */
  void run() {
    begin();
    int last = model.layers() - 1;
    for (int index = 0; index < last && !active.isEmpty(); index++) {
      int layer = index;
      enter(layer, run -> run.runs(layer));
      if (!packed.isEmpty()) {
        Scoped.run(() -> layer(layer));
      }
      packed.forEach(run -> run.layerEnded(layer, run.hidden()));
    }
    enter(last, run -> true);
    lastLayer(last);
    for (FeedGroup group : groups) {
      if (!group.isFailed()) {
        group.complete(of(group).stream().map(this::result).toList());
      }
    }
  }

  private void begin() {
    int at = 0;
    for (FeedGroup group : groups) {
      List<FeedRun> ofGroup = runs.computeIfAbsent(group, unknown -> new ArrayList<>());
      for (Feed feed : group.feeds()) {
        Tensor rows = hidden.narrow(0, at, feed.length());
        FeedRun run =
            new FeedRun(
                feed,
                group,
                rows,
                positions -> rotary(positions, feed.attention().length(positions)));
        ofGroup.add(run);
        active.add(run);
        at += feed.length();
      }
    }
    packed = active;
  }

  private List<FeedRun> of(FeedGroup group) {
    return runs.getOrDefault(group, List.of());
  }

  private Fed result(FeedRun run) {
    Fed result = results.get(run);
    return result == null ? new Fed(nothing(), Optional.empty()) : result;
  }

  private Tensor nothing() {
    return empty(0, model.hiddenSize());
  }

  /** Lets go of what has failed, and takes in what attention wants a layer to compute on. */
  private void enter(int layer, Predicate<FeedRun> computes) {
    boolean moved = false;
    List<FeedRun> running = new ArrayList<>();
    for (FeedRun run : active) {
      moved |= run.enter(layer);
      if (computes.test(run)) {
        running.add(run);
      }
    }
    List<FeedGroup> failed = groups.stream().filter(FeedGroup::isFailed).toList();
    if (!failed.isEmpty()) {
      groups.removeAll(failed);
      active = active.stream().filter(run -> !run.group().isFailed()).toList();
      running.removeIf(run -> run.group().isFailed());
    }
    if (moved || !running.equals(packed)) {
      pack(running);
    }
    for (FeedGroup group : failed) {
      of(group).forEach(FeedRun::close);
      runs.remove(group);
      turns.left(group);
    }
  }

  /** Puts the rows of some feeds one below the other. */
  private void pack(List<FeedRun> some) {
    packed = some;
    if (some.isEmpty()) {
      return;
    }
    Tensor before = hidden;
    hidden = LayerMath.joined(some.stream().map(FeedRun::hidden).toList());
    int at = 0;
    for (FeedRun run : some) {
      run.moveTo(hidden.narrow(0, at, run.rows()), hidden);
      at += run.rows();
    }
    // Rows that wait elsewhere have handles of their own; without them the memory is free now.
    before.close();
  }

  /** Adds one layer to the residual stream, in place. */
  private void layer(int index) {
    TransformerWeights.Layer layer = weights.layer(index);
    attend(index, layer, run -> new TokenRange(0, run.rows()));
    for (RowChunk chunk : chunks(packed, FeedRun::rows)) {
      Scoped.run(
          () -> {
            List<@Nullable Tensor> heads = new ArrayList<>();
            for (RowChunk.Piece piece : chunk.pieces()) {
              heads.add(narrow(piece.run().attended(), piece.range()));
            }
            math.finish(layer, chunk, hidden.narrow(0, chunk.from(), chunk.length()), heads);
          });
    }
    packed.forEach(FeedRun::layerDone);
  }

  private static @Nullable Tensor narrow(@Nullable Tensor heads, TokenRange range) {
    return heads == null ? null : heads.narrow(1, range.from(), range.length());
  }

  /** What each of the packed feeds asks. */
  private interface Queries {
    TokenRange of(FeedRun run);
  }

  /** Projects all rows and attends. */
  private void attend(int index, TransformerWeights.Layer layer, Queries queries) {
    packed.forEach(run -> run.allocate(queries.of(run), model, this::empty));
    for (RowChunk chunk : chunks(packed, FeedRun::rows)) {
      Scoped.run(() -> math.project(index, layer, hidden, chunk));
    }
    turns.take(packed.stream().map(run -> run.turn(index)).toList());
  }

  /** The last layer and the final norm, for the rows that are read. */
  private void lastLayer(int index) {
    Map<FeedRun, TokenRange> queries = new HashMap<>();
    for (FeedRun run : packed) {
      int[] read = run.read();
      TokenRange wanted =
          read.length == 0
              ? new TokenRange(0, 0)
              : new TokenRange(read[0], read[read.length - 1] + 1);
      run.guarded(() -> queries.put(run, run.attention().lastLayerQueries(wanted, run.rows())));
    }
    List<FeedRun> asked = packed.stream().filter(run -> asks(queries.get(run))).toList();
    if (asked.size() < packed.size()) {
      pack(asked);
    }
    if (asked.isEmpty()) {
      return;
    }
    TransformerWeights.Layer layer = weights.layer(index);
    attend(index, layer, run -> queries.getOrDefault(run, new TokenRange(0, 0)));
    List<FeedRun> readers =
        packed.stream().filter(run -> run.read().length > 0 && run.attended() != null).toList();
    if (!readers.isEmpty()) {
      readEnds(index, layer, readers);
    }
    packed.forEach(FeedRun::layerDone);
  }

  private static boolean asks(@Nullable TokenRange queries) {
    return queries != null && queries.length() > 0;
  }

  private void readEnds(int index, TransformerWeights.Layer layer, List<FeedRun> readers) {
    List<Tensor> ends = new ArrayList<>();
    Map<FeedRun, Tensor> heads = new HashMap<>();
    for (FeedRun run : readers) {
      int[] read = run.read();
      ends.add(run.hidden().index_select(0, HostArrays.toTensor(read, device)));
      heads.put(run, headsOf(run, read));
    }
    Tensor rows = LayerMath.joined(ends);
    ToIntFunction<FeedRun> reads = run -> run.read().length;
    for (RowChunk chunk : chunks(readers, reads)) {
      Scoped.run(
          () -> {
            List<@Nullable Tensor> ofPieces = new ArrayList<>();
            for (RowChunk.Piece piece : chunk.pieces()) {
              ofPieces.add(narrow(heads.get(piece.run()), piece.range()));
            }
            math.finish(layer, chunk, rows.narrow(0, chunk.from(), chunk.length()), ofPieces);
          });
    }
    int at = 0;
    for (FeedRun run : readers) {
      run.layerEnded(index, rows.narrow(0, at, reads.applyAsInt(run)));
      at += reads.applyAsInt(run);
    }
    finalNorm(rows, readers);
  }

  private Tensor headsOf(FeedRun run, int[] read) {
    int[] fromFirstQuery = new int[read.length];
    for (int i = 0; i < read.length; i++) {
      fromFirstQuery[i] = read[i] - run.queries().from();
    }
    Tensor attended = run.attended();
    if (attended == null) {
      throw new IllegalStateException("a feed that has not attended is read");
    }
    return attended.index_select(1, HostArrays.toTensor(fromFirstQuery, device));
  }

  private void finalNorm(Tensor rows, List<FeedRun> readers) {
    Tensor normed = math.norm(weights.finalNorm()).apply(rows);
    Map<FeedRun, Tensor> ofRun = new HashMap<>();
    int at = 0;
    for (FeedRun run : readers) {
      Tensor own = normed.narrow(0, at, run.read().length);
      run.normed(own);
      ofRun.put(run, own);
      at += run.read().length;
    }
    List<FeedRun> sharing = sharingLogits(readers);
    Map<FeedRun, Tensor> logits = new HashMap<>();
    if (sharing.size() > 1) {
      Tensor all =
          weights.head().apply(LayerMath.joined(sharing.stream().map(ofRun::get).toList()));
      int from = 0;
      for (FeedRun run : sharing) {
        logits.put(run, all.narrow(0, from, run.read().length));
        from += run.read().length;
      }
    }
    ofRun.forEach(
        (run, own) -> results.put(run, new Fed(own, Optional.ofNullable(logits.get(run)))));
  }

  /**
   * The feeds whose logits one product with the head gives: those that would ask for all of theirs
   * at once, as many as there is room for.
   */
  private List<FeedRun> sharingLogits(List<FeedRun> readers) {
    int most = Predictions.LogitSource.rowsAtATime(model.embeddingRows());
    List<FeedRun> sharing = new ArrayList<>();
    int rows = 0;
    for (FeedRun run : readers) {
      int own = run.read().length;
      if (own <= most && rows + own <= SHARED_LOGITS * most) {
        sharing.add(run);
        rows += own;
      }
    }
    return sharing;
  }

  private List<RowChunk> chunks(List<FeedRun> of, ToIntFunction<FeedRun> rows) {
    return RowChunk.of(of, rows, mostRows);
  }

  private RotaryTable rotary(Positions positions, int length) {
    Rotary rotary = model.rotary();
    ScalarType precision =
        rotary.precision() == Rotary.Precision.FLOAT32 ? ScalarType.Float : dtype;
    return RotaryTable.of(
        new RotaryFrequencies(rotary, model.rotatedDimensions(), length),
        positions,
        precision,
        device,
        rowMath);
  }

  private Tensor empty(long... sizes) {
    return torch.empty(
        sizes,
        new TensorOptions(dtype).device(new DeviceOptional(device)),
        new MemoryFormatOptional());
  }

  @Override
  public void close() {
    runs.values().forEach(ofGroup -> ofGroup.forEach(FeedRun::close));
  }
}
