package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.KernelOutputContract;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a recording driver: what is refused is not launched. */
final class CudaOutputContractTest extends KernelOutputContract<DeviceTensor> {

  private static final long MEMORY = 1 << 20;

  private final RecordingDriver driver = new RecordingDriver(RecordingDriver.hopper());
  private final CudaAttention attention = driver.attention();
  private int accepted;

  @AfterEach
  void onlyWhatIsAcceptedIsLaunched() {
    assertEquals(accepted, driver.launches.size());
    assertEquals(0, driver.live);
  }

  @Override
  protected DeviceTensor view(int first, TensorLayout layout) {
    // Elements of two bytes must be aligned to sixteen.
    return DeviceTensor.of(MEMORY + (long) first * Float.BYTES, layout);
  }

  @Override
  protected TensorReader<DeviceTensor> reader() {
    return DeviceTensor.READER;
  }

  @Override
  protected void dense(AttentionCall<DeviceTensor> call, DeviceTensor output) {
    attention.dense(call, output);
    accepted++;
  }

  @Override
  protected void dense(
      AttentionCall<DeviceTensor> call, DeviceTensor output, DeviceTensor logSumExp) {
    attention.dense(call, output, logSumExp);
    accepted++;
  }

  @Override
  protected void sparse(
      AttentionCall<DeviceTensor> call, PreparedPattern pattern, DeviceTensor output) {
    attention.sparse(call, pattern, output);
    accepted++;
  }

  @Override
  protected void sparse(
      AttentionCall<DeviceTensor> call,
      PreparedPattern pattern,
      DeviceTensor output,
      DeviceTensor logSumExp) {
    attention.sparse(call, pattern, output, logSumExp);
    accepted++;
  }

  /** The same rules hold where cuDNN computes. */
  @Test
  void cudnnIsNotAskedToWriteOverInputsEither() {
    DeviceTensor query = DeviceTensor.contiguous(MEMORY, ElementType.BFLOAT16, 1, 2, 64, 64);
    DeviceTensor next =
        DeviceTensor.contiguous(MEMORY + 2 * 64 * 64 * 2 - 16, ElementType.BFLOAT16, 1, 2, 64, 64);
    AttentionCall<DeviceTensor> call = AttentionCall.of(DeviceTensor.READER, query, query, query);
    for (DeviceTensor output : List.of(query, next)) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> attention.denseByCudnn(call, output))
              .toString();
      assertTrue(message.contains("the output shares memory with the queries"), message);
    }
  }
}
