package dev.sparsed.reference;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.TensorReader;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import java.util.Locale;

/**
 * A float32 tensor [B, H, S, D] in Java memory, contiguous, the last dimension fastest.
 *
 * <p>Mutable, as its array is; the owner of the array decides who writes to it.
 */
public final class FloatTensor {

  /** Reads these tensors for attention. */
  public static final TensorReader<FloatTensor> READER =
      tensor ->
          new TensorForm(
              ElementType.FLOAT32, tensor.batch, tensor.heads, tensor.length, tensor.headDimension);

  private final float[] data;
  private final int batch;
  private final int heads;
  private final int length;
  private final int headDimension;

  private FloatTensor(float[] data, int batch, int heads, int length, int headDimension) {
    this.data = data;
    this.batch = batch;
    this.heads = heads;
    this.length = length;
    this.headDimension = headDimension;
  }

  /**
   * Wraps an array, without a copy.
   *
   * @param data the elements, {@code batch * heads * length * headDimension} of them
   * @param batch number of sequences B, at least 1
   * @param heads number of heads H, at least 1
   * @param length number of tokens S, at least 1
   * @param headDimension size of a head D, at least 1
   * @return the tensor
   * @throws IllegalArgumentException if a size is below 1 or the array has another length
   */
  public static FloatTensor of(float[] data, int batch, int heads, int length, int headDimension) {
    long size = size(batch, heads, length, headDimension);
    checkArgument(
        data.length == size,
        "a tensor [%s, %s, %s, %s] needs %s elements but has %s",
        batch,
        heads,
        length,
        headDimension,
        size,
        data.length);
    return new FloatTensor(data, batch, heads, length, headDimension);
  }

  /**
   * A tensor of zeros.
   *
   * @param batch number of sequences B, at least 1
   * @param heads number of heads H, at least 1
   * @param length number of tokens S, at least 1
   * @param headDimension size of a head D, at least 1
   * @return the tensor
   * @throws IllegalArgumentException if a size is below 1 or there are more than {@link
   *     Integer#MAX_VALUE} elements
   */
  public static FloatTensor zeros(int batch, int heads, int length, int headDimension) {
    int size = size(batch, heads, length, headDimension);
    return new FloatTensor(new float[size], batch, heads, length, headDimension);
  }

  private static int size(int... sizes) {
    long product = 1;
    for (int size : sizes) {
      checkArgument(size >= 1, "every size of a tensor must be at least 1 but one is %s", size);
      product *= size;
      checkArgument(product <= Integer.MAX_VALUE, "the tensor has more elements than an array");
    }
    return (int) product;
  }

  /**
   * The elements.
   *
   * @return the array itself, not a copy
   */
  public float[] data() {
    return data;
  }

  /**
   * Number of sequences.
   *
   * @return B
   */
  public int batch() {
    return batch;
  }

  /**
   * Number of heads.
   *
   * @return H
   */
  public int heads() {
    return heads;
  }

  /**
   * Number of tokens.
   *
   * @return S
   */
  public int length() {
    return length;
  }

  /**
   * Size of a head.
   *
   * @return D
   */
  public int headDimension() {
    return headDimension;
  }

  /**
   * Where the vector of one token starts in {@link #data()}.
   *
   * @param batchItem index of the sequence
   * @param head index of the head
   * @param token index of the token
   * @return the index of its first element
   */
  public int offset(int batchItem, int head, int token) {
    return ((batchItem * heads + head) * length + token) * headDimension;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "FloatTensor[%d, %d, %d, %d]", batch, heads, length, headDimension);
  }
}
