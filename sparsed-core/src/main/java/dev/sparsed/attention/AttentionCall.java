package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.util.function.Function;

/**
 * Queries, keys and values that fit together: the operands of dense and sparse attention, of block
 * scores and of selections. Whether they do is judged here, once, when the call is made; whoever
 * gets one trusts it.
 *
 * <p>Queries are [B, H, queryLength, D], keys and values [B, Hkv, keyLength, D] with H a multiple
 * of Hkv. Holds the tensors and owns none: they must stay allocated, and keep their sizes, as long
 * as the call is used.
 *
 * @param <T> the tensor type
 */
public final class AttentionCall<T> {

  private final TensorReader<T> reader;
  private final T query;
  private final T key;
  private final T value;
  private final ElementType type;
  private final AttentionShape shape;

  private AttentionCall(
      TensorReader<T> reader, T query, T key, T value, ElementType type, AttentionShape shape) {
    this.reader = reader;
    this.query = query;
    this.key = key;
    this.value = value;
    this.type = type;
    this.shape = shape;
  }

  /**
   * Checks tensors and puts them together.
   *
   * @param <T> the tensor type
   * @param reader reads the tensors' forms
   * @param query queries [B, H, queryLength, D]
   * @param key keys [B, Hkv, keyLength, D]
   * @param value values [B, Hkv, keyLength, D]
   * @return the call
   * @throws IllegalArgumentException if a tensor is none that attention can be computed over, or
   *     they do not fit together
   */
  public static <T> AttentionCall<T> of(TensorReader<T> reader, T query, T key, T value) {
    TensorForm q = form(reader, "query", query);
    TensorForm k = form(reader, "key", key);
    TensorForm v = form(reader, "value", value);
    checkArgument(
        q.type() == k.type() && q.batch() == k.batch() && q.headDimension() == k.headDimension(),
        "element type, batch and head dimension of queries %s and keys %s must be equal",
        q,
        k);
    checkArgument(k.equals(v), "keys %s and values %s must have one element type and shape", k, v);
    checkPlace(reader, "keys", key, query);
    checkPlace(reader, "values", value, query);
    AttentionShape shape =
        new AttentionShape(
            q.batch(), q.heads(), k.heads(), q.length(), k.length(), q.headDimension());
    return new AttentionCall<>(reader, query, key, value, q.type(), shape);
  }

  private static <T> TensorForm form(TensorReader<T> reader, String name, T tensor) {
    try {
      return reader.form(tensor);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the " + name + " tensor: " + e.getMessage(), e);
    }
  }

  private static <T> void checkPlace(TensorReader<T> reader, String name, T tensor, T query) {
    Object place = reader.place(tensor);
    Object expected = reader.place(query);
    checkArgument(
        place.equals(expected),
        "the %s are on another device than the queries: %s, not %s",
        name,
        place,
        expected);
  }

  /**
   * The same call over other tensors of the same forms: a tensor library's tensors as kernels see
   * them.
   *
   * @param <U> the other tensor type
   * @param otherReader reads the other tensors' forms
   * @param view makes the other tensor of one of these; called for queries, keys and values
   * @return the call, without being judged again
   * @throws IllegalArgumentException if a tensor is of another form than the one it was made of
   */
  public <U> AttentionCall<U> map(
      TensorReader<U> otherReader, Function<? super T, ? extends U> view) {
    return new AttentionCall<>(
        otherReader,
        viewed(otherReader, view, query, queryForm()),
        viewed(otherReader, view, key, keyForm()),
        viewed(otherReader, view, value, keyForm()),
        type,
        shape);
  }

  private static <T, U> U viewed(
      TensorReader<U> reader, Function<? super T, ? extends U> view, T tensor, TensorForm form) {
    U other = view.apply(tensor);
    TensorForm otherForm = reader.form(other);
    checkArgument(otherForm.equals(form), "a view of %s is %s", form, otherForm);
    return other;
  }

  /**
   * Requires that this call was judged by a reader, for whoever must not trust another's.
   *
   * @param trusted the reader
   * @return this call
   * @throws IllegalArgumentException if another reader told the forms
   */
  public AttentionCall<T> requireReadBy(TensorReader<T> trusted) {
    checkArgument(
        reader == trusted,
        "the call was checked by another reader of tensors; make it with this library's own");
    return this;
  }

  /**
   * The queries.
   *
   * @return queries [B, H, queryLength, D]
   */
  public T query() {
    return query;
  }

  /**
   * The keys.
   *
   * @return keys [B, Hkv, keyLength, D]
   */
  public T key() {
    return key;
  }

  /**
   * The values.
   *
   * @return values [B, Hkv, keyLength, D]
   */
  public T value() {
    return value;
  }

  /**
   * Element type of all three tensors.
   *
   * @return the type
   */
  public ElementType type() {
    return type;
  }

  /**
   * The sizes.
   *
   * @return the shape
   */
  public AttentionShape shape() {
    return shape;
  }

  /**
   * Form of the queries and of the output.
   *
   * @return element type and sizes [B, H, queryLength, D]
   */
  public TensorForm queryForm() {
    return new TensorForm(
        type, shape.batch(), shape.heads(), shape.queryLength(), shape.headDimension());
  }

  private TensorForm keyForm() {
    return new TensorForm(
        type, shape.batch(), shape.kvHeads(), shape.keyLength(), shape.headDimension());
  }

  /**
   * How the log-sum-exps of the queries' logits lie where they are asked for: a float32 for each
   * query, without gaps.
   *
   * @return the layout [B, H, queryLength, 1]
   */
  public TensorLayout logSumExpLayout() {
    return TensorLayout.contiguous(
        new TensorForm(ElementType.FLOAT32, shape.batch(), shape.heads(), shape.queryLength(), 1));
  }

  /**
   * The grid of this call's patterns.
   *
   * @param blockSize tokens per block
   * @return the grid
   * @throws IllegalArgumentException if the block size is below 1 or the grid too large
   */
  public BlockGrid grid(int blockSize) {
    return shape.grid(blockSize);
  }

  /**
   * The grid of this call's patterns.
   *
   * @param blocks tokens per query block and per key block
   * @return the grid
   * @throws IllegalArgumentException if the grid is too large
   */
  public BlockGrid grid(BlockShape blocks) {
    return shape.grid(blocks);
  }

  @Override
  public String toString() {
    return type.shortName() + " " + shape;
  }
}
