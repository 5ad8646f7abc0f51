package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.tensor.ElementType;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;

/** The contract with full attention by cuDNN, wherever it accepts the tensors. */
abstract class GpuCudnnContract extends GpuContract {

  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile String refusal = "";

  GpuCudnnContract(ElementType type) {
    super(type);
  }

  @Override
  FusedAttention fullAttention(DriverApi driver) {
    FusedAttention cudnn = CudnnApi.attention(driver);
    Assumptions.assumeTrue(cudnn.problem().isEmpty(), () -> cudnn.problem().orElse(""));
    return new Counting(cudnn);
  }

  /** Without one call that cuDNN took, the contract would have passed without it. */
  @AfterAll
  void cudnnWasThere() {
    if (accepted.get() + refused.get() > 0) {
      System.out.printf(
          Locale.ROOT,
          "cuDNN took %d calls and refused %d: %s%n",
          accepted.get(),
          refused.get(),
          refusal);
      assertTrue(accepted.get() > 0, () -> "cuDNN refused every call: " + refusal);
    }
  }

  private final class Counting implements FusedAttention {
    private final FusedAttention cudnn;

    Counting(FusedAttention cudnn) {
      this.cudnn = cudnn;
    }

    @Override
    public Optional<String> attend(
        AttentionCall<DeviceTensor> call,
        DeviceTensor output,
        @Nullable DeviceTensor logSumExp,
        long stream) {
      Optional<String> problem = cudnn.attend(call, output, logSumExp, stream);
      problem.ifPresent(reason -> refusal = reason + " on " + call.shape());
      (problem.isPresent() ? refused : accepted).incrementAndGet();
      return problem;
    }

    @Override
    public Optional<String> problem() {
      return cudnn.problem();
    }
  }
}
