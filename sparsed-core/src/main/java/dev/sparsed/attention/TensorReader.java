package dev.sparsed.attention;

import dev.sparsed.tensor.TensorForm;

/**
 * Reads what an {@link AttentionCall} must know of a library's tensors. One for each type of
 * tensor: backends that share a type share its reader.
 *
 * @param <T> the library's tensor type
 */
@FunctionalInterface
public interface TensorReader<T> {

  /**
   * Element type and sizes of a tensor [B, heads, tokens, D].
   *
   * @param tensor the tensor
   * @return its form
   * @throws IllegalArgumentException if it is none that attention can be computed over, whatever
   *     the other tensors are: not there, of other dimensions or of another element type
   */
  TensorForm form(T tensor);

  /**
   * Where a tensor lies. Tensors of one call must lie in equal places.
   *
   * @param tensor the tensor, of which {@link #form} was read
   * @return a device or whatever tells memory apart; its text stands in messages
   */
  default Object place(T tensor) {
    return "the processor";
  }
}
