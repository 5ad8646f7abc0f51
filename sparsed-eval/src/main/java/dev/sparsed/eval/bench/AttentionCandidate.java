package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionBackend;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A backend that takes part in the benchmark. Its measurements are called {@code dense.NAME},
 * {@code scores.NAME}, {@code dense_select.NAME} and {@code sparse.NAME}.
 */
public interface AttentionCandidate {

  /**
   * The last part of its measurements' names.
   *
   * @return for example {@code torch}
   */
  String name();

  /**
   * Why it cannot take part.
   *
   * @param query queries like those of the benchmark
   * @param key keys like those of the benchmark
   * @return the reason, empty if it can
   */
  Optional<String> unavailable(Tensor query, Tensor key);

  /**
   * What is measured.
   *
   * @return the backend
   */
  AttentionBackend<Tensor> backend();

  /** Waits until all work of the device is done. Nothing to do where calls return when they are. */
  default void synchronize() {}
}
