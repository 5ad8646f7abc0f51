package dev.sparsed.models.internal.transformer;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.IntMath;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The transformer of a model, as its architecture says. Holds the weights; passes share nothing
 * else, so that several threads may run them at once.
 */
public final class Transformer implements AutoCloseable {

  /**
   * Elements of the widest intermediate result of a chunk of tokens. 32 Mi of them are 64 MiB in
   * bfloat16: a thousand tokens and more per chunk at the width of a 7B model, enough to keep
   * matrix products efficient, and little beside the activations that must exist.
   */
  private static final long CHUNK_ELEMENTS = 1L << 25;

  private final Architecture model;
  private final TransformerWeights weights;
  private final ScalarType dtype;
  private final Supplier<Device> device;

  private Transformer(
      Architecture model, TransformerWeights weights, ScalarType dtype, Supplier<Device> device) {
    this.model = model;
    this.weights = weights;
    this.dtype = dtype;
    this.device = device;
  }

  /**
   * Loads a transformer.
   *
   * @param checkpoint a verified checkpoint
   * @param dtype float32, bfloat16 or float16
   * @param device makes handles of the device to compute on
   * @param threads processor threads per call of this library's own kernels, 1 to 1024; one per
   *     processor if empty
   * @return the transformer, to be closed by the caller
   * @throws dev.sparsed.models.CheckpointException if a tensor cannot be loaded
   */
  public static Transformer load(
      Checkpoint checkpoint, ScalarType dtype, Supplier<Device> device, OptionalInt threads) {
    WeightProducts products = WeightProducts.fastest(threads);
    try (Device target = device.get()) {
      return new Transformer(
          checkpoint.config().architecture(),
          TransformerWeights.load(checkpoint, dtype, target, products),
          dtype,
          device);
    }
  }

  /**
   * What is computed.
   *
   * @return the architecture
   */
  public Architecture architecture() {
    return model;
  }

  /**
   * Number of weights.
   *
   * @return the count
   */
  public long parameters() {
    return weights.parameters();
  }

  /**
   * Memory of the weights.
   *
   * @return bytes
   */
  public long weightBytes() {
    return weights.bytes();
  }

  /**
   * Runs the model on one sequence, up to the final norm.
   *
   * @param tokens ids of the fed tokens, at least one
   * @param fed positions of the fed tokens in their sequence, as many as there are tokens
   * @param attention how the layers attend
   * @param read indices of the fed tokens whose rows are read, ascending; may be empty
   * @param observer watches the pass
   * @return normed hidden rows [read, hidden], attached to the scope around the call
   * @throws IllegalArgumentException if a token is not one of the model's
   */
  public Tensor hiddenRows(
      int[] tokens, Positions fed, LayerAttention attention, int[] read, ForwardObserver observer) {
    checkTokens(tokens);
    checkArgument(
        tokens.length == fed.size(),
        "%s tokens are fed at %s positions",
        tokens.length,
        fed.size());
    return Scoped.result(() -> forward(tokens, fed, attention, read, observer));
  }

  /**
   * The fed tokens whose rows of logits predict given positions: the position itself or, with
   * shifted logits, the one before it, as in the autoregressive models that such models are made
   * of. The first fed position has no row but its own even then, as in published code.
   *
   * @param positions positions in the sequence, ascending, all {@link #readable}
   * @param fed positions of the fed tokens
   * @return for each the index of a fed token, ascending
   */
  public int[] logitRows(Positions positions, Positions fed) {
    int shift = model.logitShift();
    return positions.stream().map(p -> p == fed.first() ? 0 : fed.indexOf(p - shift)).toArray();
  }

  /**
   * The fed positions whose logits can be read.
   *
   * @param fed positions of the fed tokens
   * @return those whose row is fed, and the first one
   */
  public Positions readable(Positions fed) {
    int shift = model.logitShift();
    return shift == 0 || fed.isRange()
        ? fed
        : Positions.of(
            fed.stream().filter(p -> p == fed.first() || fed.contains(p - shift)).toArray());
  }

  /**
   * What has to be fed for the logits of some positions to be read.
   *
   * @param positions positions in the sequence
   * @return these, and those of their rows
   */
  public Positions withRows(Positions positions) {
    int shift = model.logitShift();
    return positions.union(
        Positions.of(positions.stream().map(p -> p - shift).filter(p -> p >= 0).toArray()));
  }

  /**
   * The language-model head.
   *
   * @param rows normed hidden rows [n, hidden]
   * @return float32 logits [n, rows of the embedding], attached to the scope around the call
   */
  public Tensor logits(Tensor rows) {
    return Scoped.result(() -> weights.head().apply(rows).to(ScalarType.Float));
  }

  /**
   * An example of this model's queries: shows attention backends dtype and device.
   *
   * @return queries [1, H, 1, D], attached to the scope around the call
   */
  public Tensor exampleQuery() {
    return Scoped.result(() -> empty(1, model.heads(), 1, model.headDimension()));
  }

  private void checkTokens(int[] tokens) {
    checkArgument(tokens.length > 0, "a forward pass needs at least one token");
    for (int i = 0; i < tokens.length; i++) {
      checkArgument(
          tokens[i] >= 0 && tokens[i] < model.embeddingRows(),
          "token %s at index %s is not one of the model's, 0 to %s",
          tokens[i],
          i,
          model.embeddingRows() - 1);
    }
  }

  private Tensor forward(
      int[] tokens, Positions fed, LayerAttention attention, int[] read, ForwardObserver observer) {
    try (Device target = device.get();
        FedRows rows =
            new FedRows(
                fed,
                torch.embedding(weights.embedding(), HostArrays.toTensor(tokens, target)),
                positions -> rotary(positions, target))) {
      int last = model.layers() - 1;
      for (int index = 0; index < last; index++) {
        int layer = index;
        rows.enter(layer, attention);
        Scoped.run(() -> layer(layer, rows.hidden(), rows.rotary(), attention, observer));
        observer.onLayerEnd(layer, rows.hidden());
      }
      rows.enter(last, attention);
      Tensor ends =
          lastLayer(
              last,
              rows.hidden(),
              rows.rotary(),
              attention,
              rows.indices(read, fed),
              observer,
              target);
      observer.onLayerEnd(last, ends);
      Tensor normed = norm(weights.finalNorm()).apply(ends);
      observer.onFinalNorm(normed);
      return normed;
    }
  }

  private RotaryTable rotary(Positions positions, Device target) {
    Rotary rotary = model.rotary();
    ScalarType precision =
        rotary.precision() == Rotary.Precision.FLOAT32 ? ScalarType.Float : dtype;
    return RotaryTable.of(rotary.base(), model.rotatedDimensions(), positions, precision, target);
  }

  /** Adds one layer to the residual stream, in place. */
  private void layer(
      int index,
      Tensor hidden,
      RotaryTable rotary,
      LayerAttention attention,
      ForwardObserver observer) {
    TransformerWeights.Layer layer = weights.layer(index);
    int length = (int) hidden.size(0);
    Tensor attended =
        attend(index, layer, hidden, new TokenRange(0, length), rotary, attention, observer);
    for (TokenRange chunk : chunks(length)) {
      Scoped.run(
          () -> {
            Tensor rows = hidden.narrow(0, chunk.from(), chunk.length());
            Tensor heads = attended.narrow(1, chunk.from(), chunk.length());
            finishLayer(layer, rows, heads);
          });
    }
  }

  /** The last layer, for the rows that are read. */
  private Tensor lastLayer(
      int index,
      Tensor hidden,
      RotaryTable rotary,
      LayerAttention attention,
      int[] read,
      ForwardObserver observer,
      Device target) {
    TransformerWeights.Layer layer = weights.layer(index);
    TokenRange wanted =
        read.length == 0
            ? new TokenRange(0, 0)
            : new TokenRange(read[0], read[read.length - 1] + 1);
    TokenRange queries = attention.lastLayerQueries(wanted, (int) hidden.size(0));
    return Scoped.result(
        () -> {
          if (queries.length() == 0) {
            return hidden.narrow(0, 0, 0);
          }
          Tensor attended = attend(index, layer, hidden, queries, rotary, attention, observer);
          if (read.length == 0) {
            return hidden.narrow(0, 0, 0);
          }
          int[] fromFirstQuery = new int[read.length];
          for (int i = 0; i < read.length; i++) {
            fromFirstQuery[i] = read[i] - queries.from();
          }
          Tensor rows = hidden.index_select(0, HostArrays.toTensor(read, target));
          Tensor heads = attended.index_select(1, HostArrays.toTensor(fromFirstQuery, target));
          for (TokenRange chunk : chunks(read.length)) {
            Scoped.run(
                () ->
                    finishLayer(
                        layer,
                        rows.narrow(0, chunk.from(), chunk.length()),
                        heads.narrow(1, chunk.from(), chunk.length())));
          }
          return rows;
        });
  }

  /** Attention's output for a range of queries [H, queries, D], heads not yet mixed. */
  private Tensor attend(
      int index,
      TransformerWeights.Layer layer,
      Tensor hidden,
      TokenRange queries,
      RotaryTable rotary,
      LayerAttention attention,
      ForwardObserver observer) {
    int length = (int) hidden.size(0);
    int d = model.headDimension();
    return Scoped.result(
        () -> {
          Tensor query = empty(1, model.heads(), queries.length(), d);
          Tensor key = empty(1, model.kvHeads(), length, d);
          Tensor value = empty(1, model.kvHeads(), length, d);
          for (TokenRange chunk : chunks(length)) {
            Scoped.run(
                () ->
                    project(
                        index, layer, hidden, chunk, queries, rotary, observer, query, key, value));
          }
          return attention.attend(index, query, key, value, queries.from()).select(0, 0);
        });
  }

  private void project(
      int index,
      TransformerWeights.Layer layer,
      Tensor hidden,
      TokenRange chunk,
      TokenRange queries,
      RotaryTable rotary,
      ForwardObserver observer,
      Tensor query,
      Tensor key,
      Tensor value) {
    Tensor normed =
        norm(layer.attentionNorm()).apply(hidden.narrow(0, chunk.from(), chunk.length()));
    Tensor k = layer.key().apply(normed);
    Tensor v = layer.value().apply(normed);
    TokenRange asked = intersect(chunk, queries);
    Tensor q = layer.query().apply(normed.narrow(0, asked.from() - chunk.from(), asked.length()));
    observer.onProjections(index, q, k, v);
    rotary.rotate(
        normed(heads(k), layer.keyNorm()), chunk.from(), slice(key, chunk.from(), chunk.length()));
    slice(value, chunk.from(), chunk.length()).copy_(heads(v));
    if (asked.length() > 0) {
      rotary.rotate(
          normed(heads(q), layer.queryNorm()),
          asked.from(),
          slice(query, asked.from() - queries.from(), asked.length()));
    }
  }

  /** Output projection and feed-forward part of one chunk, added to its rows in place. */
  private void finishLayer(TransformerWeights.Layer layer, Tensor rows, Tensor heads) {
    Tensor mixed =
        heads.transpose(0, 1).reshape(rows.size(0), (long) model.heads() * model.headDimension());
    rows.add_(layer.output().apply(mixed));
    Tensor normed = norm(layer.feedForwardNorm()).apply(rows);
    rows.add_(layer.feedForward().apply(normed));
  }

  /** Heads [heads, tokens, D] with each of them normed, where there is a norm [D]. */
  private Tensor normed(Tensor heads, @Nullable Tensor weight) {
    return weight == null ? heads : norm(weight).apply(heads);
  }

  private RmsNorm norm(Tensor weight) {
    return new RmsNorm(weight, model.normEpsilon());
  }

  /** [tokens, heads * D] as [heads, tokens, D], without a copy. */
  private Tensor heads(Tensor rows) {
    return rows.view(rows.size(0), -1, model.headDimension()).transpose(0, 1);
  }

  /** Tokens of [1, heads, tokens, D] as [heads, tokens, D]. */
  private static Tensor slice(Tensor tensor, int from, int length) {
    return tensor.select(0, 0).narrow(1, from, length);
  }

  private static TokenRange intersect(TokenRange chunk, TokenRange queries) {
    int from = Math.max(chunk.from(), queries.from());
    int to = Math.min(chunk.to(), queries.to());
    return from < to ? new TokenRange(from, to) : new TokenRange(chunk.from(), chunk.from());
  }

  /** Tokens 0 to length in even chunks, none of them too large. */
  private List<TokenRange> chunks(int length) {
    int widest =
        Math.max(
            Math.max(widestFeedForward(), model.hiddenSize()),
            model.heads() * model.headDimension());
    int most = (int) Math.max(1, CHUNK_ELEMENTS / widest);
    int count = Math.max(1, IntMath.divide(length, most, RoundingMode.CEILING));
    List<TokenRange> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      chunks.add(
          new TokenRange(
              (int) ((long) length * i / count), (int) ((long) length * (i + 1) / count)));
    }
    return chunks;
  }

  /** Of one layer: dense, of an expert that all tokens choose, or of the shared one. */
  private int widestFeedForward() {
    return model
        .experts()
        .map(experts -> Math.max(experts.feedForwardSize(), experts.sharedSize()))
        .map(size -> Math.max(size, model.feedForwardSize()))
        .orElse(model.feedForwardSize());
  }

  private Tensor empty(long... sizes) {
    try (Device target = device.get()) {
      return torch.empty(
          sizes,
          new TensorOptions(dtype).device(new DeviceOptional(target)),
          new MemoryFormatOptional());
    }
  }

  /** Releases the weights. Closing twice does nothing. */
  @Override
  public void close() {
    weights.close();
  }
}
