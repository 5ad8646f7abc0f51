package dev.sparsed.models.internal.transformer;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.internal.torch.Scoped;
import dev.sparsed.models.internal.work.Work;
import dev.sparsed.models.internal.work.WorkClock;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One feed on its way through the layers: the rows that they compute on, to which a layer may add,
 * and its own attention.
 */
final class FeedRun implements AutoCloseable {

  private static final TokenRange NONE = new TokenRange(0, 0);

  private final Feed feed;
  private final FeedGroup group;
  private final Function<Positions, RotaryTable> tables;
  private LayerInput input;
  private RotaryTable rotary;
  private TokenRange queries = NONE;
  private @Nullable Tensor query;
  private @Nullable Tensor key;
  private @Nullable Tensor value;
  private @Nullable Tensor attended;

  /**
   * Before the first layer.
   *
   * @param feed the feed
   * @param group the feeds that end with it
   * @param hidden the embeddings of its tokens [tokens, hidden]
   * @param tables makes the rotary table of some positions
   */
  FeedRun(Feed feed, FeedGroup group, Tensor hidden, Function<Positions, RotaryTable> tables) {
    this.feed = feed;
    this.group = group;
    this.tables = tables;
    this.input = new LayerInput(feed.positions(), hidden);
    this.rotary = tables.apply(feed.positions());
  }

  FeedGroup group() {
    return group;
  }

  LayerAttention attention() {
    return feed.attention();
  }

  RotaryTable rotary() {
    return rotary;
  }

  /** Rows that the layers compute on. */
  int rows() {
    return input.positions().size();
  }

  Tensor hidden() {
    return input.hidden();
  }

  /**
   * The same rows elsewhere in memory; the handle of those before is closed.
   *
   * @param hidden the rows
   * @param whole what they are part of, which stays open if it was the handle before
   */
  void moveTo(Tensor hidden, Tensor whole) {
    Tensor before = input.hidden();
    input = new LayerInput(input.positions(), hidden);
    if (!before.equals(whole)) {
      before.close();
    }
  }

  /** Runs what belongs to this feed only; what it throws ends the feed's group alone. */
  @SuppressWarnings("IllegalCatch") // Others share the pass.
  void guarded(Runnable action) {
    if (!group.isFailed()) {
      try {
        action.run();
      } catch (Throwable e) {
        group.fail(e);
      }
    }
  }

  /** Lets attention see what a layer computes on, or add to it; true if the rows are others now. */
  boolean enter(int layer) {
    Tensor before = input.hidden();
    guarded(
        () -> {
          LayerInput entered = feed.attention().enter(layer, input);
          if (!entered.positions().equals(input.positions())) {
            rotary.close();
            rotary = tables.apply(entered.positions());
          }
          input = entered;
        });
    boolean others = !input.hidden().equals(before);
    if (others) {
      before.close();
    }
    return others;
  }

  /** Whether a layer computes on the rows, once they have entered it. */
  boolean runs(int layer) {
    boolean[] runs = {true};
    guarded(() -> runs[0] = feed.attention().runs(layer));
    return runs[0];
  }

  void projected(int layer, Tensor q, Tensor k, Tensor v) {
    guarded(() -> feed.observer().onProjections(layer, q, k, v));
  }

  void layerEnded(int layer, Tensor hidden) {
    guarded(() -> feed.observer().onLayerEnd(layer, hidden));
  }

  void normed(Tensor rows) {
    guarded(() -> feed.observer().onFinalNorm(rows));
  }

  /** Makes room for what a layer projects, with queries of a range of the rows. */
  void allocate(TokenRange asked, Architecture model, Function<long[], Tensor> empty) {
    int d = model.headDimension();
    queries = asked;
    query = empty.apply(new long[] {1, model.heads(), asked.length(), d});
    key = empty.apply(new long[] {1, model.kvHeads(), rows(), d});
    value = empty.apply(new long[] {1, model.kvHeads(), rows(), d});
  }

  TokenRange queries() {
    return queries;
  }

  /** Where the rotated queries of some of {@link #queries} go [H, tokens, D]. */
  Tensor query(TokenRange some) {
    return slice(query, some.from() - queries.from(), some.length());
  }

  Tensor key(TokenRange some) {
    return slice(key, some.from(), some.length());
  }

  Tensor value(TokenRange some) {
    return slice(value, some.from(), some.length());
  }

  private static Tensor slice(@Nullable Tensor tensor, int from, int length) {
    return present(tensor).select(0, 0).narrow(1, from, length);
  }

  private static Tensor present(@Nullable Tensor tensor) {
    if (tensor == null) {
      throw new IllegalStateException("the layer has not been projected");
    }
    return tensor;
  }

  /** Attention of a layer in its turn, on whatever thread takes it. */
  Turns.Turn turn(int layer) {
    return new Turns.Turn() {
      @Override
      public FeedGroup group() {
        return group;
      }

      @Override
      public boolean callsUsers() {
        return feed.attention().callsUsers(layer);
      }

      @Override
      public void attend() {
        guarded(() -> WorkClock.run(Work.CACHE, () -> attended = Scoped.kept(this::output)));
      }

      private Tensor output() {
        return outputOf(
                layer,
                feed.attention()
                    .attend(layer, present(query), present(key), present(value), queries.from()))
            .select(0, 0);
      }
    };
  }

  /** Requires an output as backends promise it: one of a stranger may be anything. */
  private Tensor outputOf(int layer, @Nullable Tensor output) {
    Tensor asked = present(query);
    if (output == null || !form(output).equals(form(asked))) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "attention of layer %d gave %s for queries %s; a backend's output has the shape and"
                  + " type of its queries",
              layer,
              output == null ? "null" : form(output),
              form(asked)));
    }
    return output;
  }

  /** Type and sizes, such as {@code Float[1, 4, 16, 64]}. */
  private static String form(Tensor tensor) {
    return tensor.scalar_type().intern()
        + LongStream.range(0, tensor.dim()).map(tensor::size).boxed().toList().toString();
  }

  /** Attention's output [H, queries, D], heads not yet mixed; null where it has failed. */
  @Nullable Tensor attended() {
    return attended;
  }

  /** Releases what belongs to one layer. */
  void layerDone() {
    if (attended != null) {
      attended.close();
    }
    attended = null;
    query = null;
    key = null;
    value = null;
  }

  /** Indices now of the rows that are read. */
  int[] read() {
    return input.positions().equals(feed.positions())
        ? feed.read()
        : Arrays.stream(feed.read())
            .map(i -> input.positions().indexOf(feed.positions().at(i)))
            .toArray();
  }

  /** Releases what it holds; its rows too, of which a part keeps the memory of all. */
  @Override
  public void close() {
    layerDone();
    rotary.close();
    input.hidden().close();
  }
}
