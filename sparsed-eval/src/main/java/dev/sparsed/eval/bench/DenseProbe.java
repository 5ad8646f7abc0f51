package dev.sparsed.eval.bench;

import dev.sparsed.attention.AttentionBackend;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Foretells how long full attention takes from how long it takes on the first tokens. LibTorch is a
 * hundred times slower in some types than in others where its libraries have no products of them,
 * which no list of instructions tells.
 */
final class DenseProbe {

  private static final int FIRST_TOKENS = 256;
  private static final double LONGEST_SECONDS = 0.5;

  private DenseProbe() {}

  /** Seconds of one call on all tokens, in the inputs' own type. */
  static double seconds(AttentionCandidate candidate, AttentionInputs inputs) {
    return seconds(candidate, inputs, inputs.query().scalar_type());
  }

  /** Seconds of one call on all tokens in another type. */
  static double seconds(
      AttentionCandidate candidate, AttentionInputs inputs, torch.ScalarType type) {
    int tokens = Math.toIntExact(inputs.query().size(2));
    return foretold(tokens, length -> timed(candidate, inputs, type, length));
  }

  /**
   * From growing lengths, of which the last is as long as a short time allows: a call's fixed costs
   * must not count for what grows with the square of the length.
   *
   * @param tokens length to foretell the time of
   * @param timed seconds of a call on so many tokens
   */
  static double foretold(int tokens, IntToDoubleFunction timed) {
    int length = Math.min(FIRST_TOKENS, tokens);
    // The first call sets things up.
    double seconds = Math.min(timed.applyAsDouble(length), timed.applyAsDouble(length));
    while (4 * seconds < LONGEST_SECONDS && 4L * length <= tokens) {
      length *= 2;
      seconds = timed.applyAsDouble(length);
    }
    double times = (double) tokens / length;
    return seconds * times * times;
  }

  @SuppressWarnings("try") // A PointerScope works by being open.
  private static double timed(
      AttentionCandidate candidate, AttentionInputs inputs, torch.ScalarType type, int length) {
    try (PointerScope scope = new PointerScope()) {
      AttentionBackend<Tensor> backend = candidate.backend();
      Tensor query = first(inputs.query(), type, length);
      Tensor key = first(inputs.key(), type, length);
      Tensor value = first(inputs.value(), type, length);
      long start = System.nanoTime();
      backend.dense(backend.call(query, key, value)).close();
      candidate.synchronize();
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static Tensor first(Tensor tensor, torch.ScalarType type, int length) {
    return tensor.narrow(2, 0, length).to(type).contiguous();
  }
}
