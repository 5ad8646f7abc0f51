package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import java.util.function.Consumer;

/**
 * A tensor library's part in measuring.
 *
 * @param <T> the library's tensor type
 */
public interface CalibrationTensors<T> {

  /**
   * Makes queries, keys and values of random numbers where the model computes, and releases them
   * afterwards.
   *
   * @param shape the sizes
   * @param work what is done with them
   */
  void use(AttentionShape shape, Consumer<AttentionCall<T>> work);

  /**
   * Waits until everything that the tensor's device was told to compute is computed, and releases
   * the tensor.
   *
   * @param output the output of an attention call
   */
  void finish(T output);
}
