package dev.sparsed.models.internal.transformer;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.MemoryNeed;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
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

/**
 * The transformer of a model, as its architecture says. Holds the weights; passes share nothing
 * else, so that several threads may run them at once.
 */
public final class Transformer implements AutoCloseable {

  private final Architecture model;
  private final TransformerWeights weights;
  private final ScalarType dtype;
  private final Supplier<Device> device;
  private final WeightProducts products;

  private Transformer(
      Architecture model,
      TransformerWeights weights,
      ScalarType dtype,
      Supplier<Device> device,
      WeightProducts products) {
    this.products = products;
    this.model = model;
    this.weights = weights;
    this.dtype = dtype;
    this.device = device;
  }

  /**
   * Loads a transformer.
   *
   * @param checkpoint a verified checkpoint
   * @param model what is computed: the checkpoint's architecture, perhaps with other rotary
   *     positions
   * @param dtype float32, bfloat16 or float16
   * @param device makes handles of the device to compute on
   * @param threads processor threads per call of this library's own kernels, 1 to 1024; one per
   *     processor if empty
   * @param scheme in how many bits the matrices are kept
   * @return the transformer, to be closed by the caller
   * @throws dev.sparsed.models.CheckpointException if a tensor cannot be loaded, or is stored in
   *     other bits than wanted
   */
  public static Transformer load(
      Checkpoint checkpoint,
      Architecture model,
      ScalarType dtype,
      Supplier<Device> device,
      OptionalInt threads,
      WeightScheme scheme) {
    return load(checkpoint, model, dtype, device, WeightProducts.fastest(threads), scheme);
  }

  static Transformer load(
      Checkpoint checkpoint,
      Architecture model,
      ScalarType dtype,
      Supplier<Device> device,
      WeightProducts products,
      WeightScheme scheme) {
    try (Device target = device.get()) {
      return new Transformer(
          model,
          TransformerWeights.load(checkpoint, dtype, target, products, scheme),
          dtype,
          device,
          products);
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
   * Whether a row of every product is the same whatever other rows there are. Where it is, what a
   * sequence gets does not depend on the sequences that share its forward passes, to the last bit;
   * elsewhere it does not up to rounding, as with experts, which are chosen by LibTorch's sums.
   *
   * @return true if products are computed so
   */
  public boolean rowsStandAlone() {
    try (Device target = device.get()) {
      return model.experts().isEmpty() && products.rowsStandAlone(dtype, target);
    }
  }

  /**
   * Puts the feeds of one caller together for a forward pass.
   *
   * @param feeds at least one
   * @return the group, for {@link #run}
   * @throws IllegalArgumentException if a token is not one of the model's
   */
  public FeedGroup group(List<Feed> feeds) {
    feeds.forEach(feed -> checkTokens(feed.tokens()));
    return new FeedGroup(feeds);
  }

  /**
   * Runs the model on sequences, up to the final norm, and further to the logits where that is
   * cheaper together. What a listener or another user's code throws fails its group; what this
   * throws fails all.
   *
   * @param groups of several callers, at least one; each has failed or is complete afterwards
   * @param turns who attends
   */
  public void run(List<FeedGroup> groups, Turns turns) {
    run(groups, turns, MemoryNeed.ELEMENTS_TOGETHER);
  }

  /** The same in chunks of rows whose widest intermediate result has so many elements. */
  void run(List<FeedGroup> groups, Turns turns, long chunkElements) {
    WorkClock.run(Work.ROWS, () -> Scoped.run(() -> pass(groups, turns, chunkElements)));
  }

  private void pass(List<FeedGroup> groups, Turns turns, long chunkElements) {
    try (Device target = device.get();
        ForwardPass pass =
            new ForwardPass(
                model,
                weights,
                dtype,
                target,
                groups,
                turns,
                products.rowMath(target),
                chunkElements)) {
      pass.run();
    }
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
    FeedGroup group = group(List.of(new Feed(tokens, fed, attention, read, observer)));
    run(List.of(group), Turns.HERE);
    return group.take().get(0).hidden();
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
    return WorkClock.time(
        Work.HEAD, () -> Scoped.result(() -> weights.head().apply(rows).to(ScalarType.Float)));
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
    for (int i = 0; i < tokens.length; i++) {
      checkArgument(
          tokens[i] >= 0 && tokens[i] < model.embeddingRows(),
          "token %s at index %s is not one of the model's, 0 to %s",
          tokens[i],
          i,
          model.embeddingRows() - 1);
    }
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
