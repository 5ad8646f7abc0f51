package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionCall;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Full attention by a library that may be on the machine, instead of by these kernels. */
interface FusedAttention {

  /**
   * Queues full attention over checked tensors.
   *
   * @return empty if it is queued; else why the library cannot, and then nothing is queued
   * @throws CudaException if the library can but fails
   */
  Optional<String> attend(
      AttentionCall<DeviceTensor> call,
      DeviceTensor output,
      @Nullable DeviceTensor logSumExp,
      long stream);

  /** Why there is no library at all, or empty if there is one. */
  Optional<String> problem();

  /** No library, for a reason. */
  record Missing(String reason) implements FusedAttention {

    @Override
    public Optional<String> attend(
        AttentionCall<DeviceTensor> call,
        DeviceTensor output,
        @Nullable DeviceTensor logSumExp,
        long stream) {
      return problem();
    }

    @Override
    public Optional<String> problem() {
      return Optional.of(reason);
    }
  }
}
