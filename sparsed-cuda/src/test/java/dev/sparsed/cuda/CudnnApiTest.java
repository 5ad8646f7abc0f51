package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.tensor.ElementType;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What arrives in a native library with cuDNN's interface: the stand-in in src/test/library-stubs,
 * which -Pnvrtc builds and which checks every call.
 */
final class CudnnApiTest {

  private static final String STAND_IN = "9.19.99";
  private static final long STREAM = 0x77;

  private final RecordingDriver driver = new RecordingDriver(RecordingDriver.hopper());

  @BeforeAll
  static void requireStandIn() {
    Assumptions.assumeTrue(
        CudnnApi.installedVersion().equals(Optional.of(STAND_IN)),
        "the stand-in for cuDNN is not there; run with -Pnvrtc, which builds it");
  }

  private static DeviceTensor tensor(long address, int headDimension) {
    return DeviceTensor.contiguous(address, ElementType.FLOAT16, 2, 4, 100, headDimension);
  }

  private Optional<String> attend(CudaAttention attention, int headDimension) {
    AttentionCall<DeviceTensor> call =
        AttentionCall.of(
            DeviceTensor.READER,
            tensor(0x1000000, headDimension),
            tensor(0x2000000, headDimension),
            tensor(0x3000000, headDimension));
    return attention
        .onStream(STREAM)
        .denseByCudnn(
            call,
            tensor(0x4000000, headDimension),
            DeviceTensor.of(0x6000000, call.logSumExpLayout()));
  }

  @Test
  void descriptorsAndAddressesArriveAsTheyWereMeant() {
    CudaAttention attention =
        driver.attention(new CudnnAttention(new CudnnApi(Runnable::run), driver));
    assertEquals(Optional.empty(), attention.cudnnProblem());
    assertEquals(Optional.empty(), attend(attention, 64));
    assertEquals(Optional.empty(), attend(attention, 64));
    assertEquals(0, driver.live);
  }

  @Test
  void theLibrarysWordsComeThrough() {
    CudaAttention attention =
        driver.attention(new CudnnAttention(new CudnnApi(Runnable::run), driver));
    String reason = attend(attention, 96).orElseThrow();
    assertTrue(reason.contains("CUDNN_STATUS_NOT_SUPPORTED_SHAPE"), reason);
    assertTrue(reason.contains("no attention for heads of 96"), reason);
  }
}
