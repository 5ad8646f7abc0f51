package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.CheckpointException;
import dev.sparsed.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/**
 * A tensor to be written, its content produced piece by piece.
 *
 * @param name its name in the checkpoint
 * @param shape its shape
 * @param type the type it is stored in, of whole bytes
 * @param content produces its elements
 */
public record TensorSource(String name, TensorShape shape, TensorType type, Content content) {
  /**
   * Produces elements of a tensor. Called from several threads at once, for pieces in any order.
   */
  @FunctionalInterface
  public interface Content {
    /**
     * Fills a buffer.
     *
     * @param firstElement the index of the first element wanted, in row-major order
     * @param target a little-endian buffer for a whole number of elements, to be filled from its
     *     position to its limit
     */
    void write(long firstElement, ByteBuffer target);
  }

  /**
   * Checks the type.
   *
   * @throws IllegalArgumentException if elements of the type do not fill whole bytes
   */
  public TensorSource {
    if (type.bits() % Byte.SIZE != 0) {
      throw new IllegalArgumentException("tensors of type " + type + " are not written");
    }
  }

  /**
   * Normally distributed random values around 0. They depend on nothing but the arguments.
   *
   * @param name the tensor's name
   * @param shape its shape
   * @param type bfloat16, float16 or float32
   * @param deviation the standard deviation
   * @param seed of the random numbers; tensors of different names differ under the same seed
   * @return the tensor
   */
  public static TensorSource normal(
      String name, TensorShape shape, TensorType type, double deviation, long seed) {
    ElementType element = weightElement(type);
    NormalDistribution values = new NormalDistribution(seed, name, deviation);
    int elementBytes = type.bits() / Byte.SIZE;
    return new TensorSource(
        name,
        shape,
        type,
        (first, target) ->
            values.generate(
                first, target.remaining() / elementBytes, value -> element.put(target, value)));
  }

  /**
   * One value throughout.
   *
   * @param name the tensor's name
   * @param shape its shape
   * @param type bfloat16, float16 or float32
   * @param value every element's value
   * @return the tensor
   */
  public static TensorSource constant(
      String name, TensorShape shape, TensorType type, float value) {
    ElementType element = weightElement(type);
    return new TensorSource(
        name,
        shape,
        type,
        (first, target) -> {
          while (target.hasRemaining()) {
            element.put(target, value);
          }
        });
  }

  /**
   * The given values.
   *
   * @param name the tensor's name
   * @param shape its shape
   * @param type bfloat16, float16 or float32; values are rounded to it
   * @param values the elements in row-major order; not copied
   * @return the tensor
   * @throws IllegalArgumentException if the number of values is not that of the shape's elements
   */
  public static TensorSource of(String name, TensorShape shape, TensorType type, float[] values) {
    ElementType element = weightElement(type);
    if (values.length != shape.elements()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tensor %s of shape %s needs %d values, given are %d",
              name,
              shape,
              shape.elements(),
              values.length));
    }
    return new TensorSource(
        name,
        shape,
        type,
        (first, target) -> {
          for (int i = Math.toIntExact(first); target.hasRemaining(); i++) {
            element.put(target, values[i]);
          }
        });
  }

  /**
   * A LibTorch tensor in its own type.
   *
   * @param name the tensor's name
   * @param tensor its value, on any device; stays the caller's and must be open until it is written
   * @return the tensor
   * @throws CheckpointException if tensors of its type are not written
   */
  public static TensorSource of(String name, Tensor tensor) {
    return new TensorSource(
        name,
        TensorShape.of(tensor.sizes().vec().get()),
        TensorType.of(tensor.scalar_type()),
        (first, target) -> TensorMemory.copyOut(tensor, first, target));
  }

  long byteLength() {
    return Math.multiplyExact(shape.elements(), (long) (type.bits() / Byte.SIZE));
  }

  /** The element type of a stored type that weights may have. */
  private static ElementType weightElement(TensorType type) {
    return switch (type) {
      case F32 -> ElementType.FLOAT32;
      case BF16 -> ElementType.BFLOAT16;
      case F16 -> ElementType.FLOAT16;
      default ->
          throw new IllegalArgumentException("weights are stored as BF16, F16 or F32, not " + type);
    };
  }
}
