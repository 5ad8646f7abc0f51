package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.opentest4j.TestAbortedException;

/**
 * What arrives in a native library with the driver's interface: the stand-in in
 * src/test/library-stubs, which -Pnvrtc builds. It checks contexts, and copies as late as it may.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DriverApiTest {

  private static final String STAND_IN = "stand-in";
  private static final long STREAM = 0x77;

  private DriverApi driver;

  @BeforeAll
  void openStandIn() {
    try {
      driver = DriverApi.open(0);
    } catch (LinkageError | CudaException e) {
      throw new TestAbortedException(
          "the stand-in for the driver is not there; run with -Pnvrtc, which builds it: " + e);
    }
    Assumptions.assumeTrue(
        driver.properties().name().equals(STAND_IN), "this machine has a driver of its own");
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  @Test
  void aBufferMayBeReusedAsSoonAsItIsCopied() {
    // The stand-in gives memory only from a pool of ours that keeps some.
    long address = driver.allocate(3, STREAM);
    ByteBuffer source = bytes(1, 2, 3);
    driver.copyToDevice(address, source, STREAM);
    source.put(0, (byte) 9);
    ByteBuffer target = bytes(0, 0, 0);
    driver.copyFromDevice(target, address, STREAM);
    assertEquals(bytes(1, 2, 3), target);
    driver.clear(address, 3, STREAM);
    driver.copyFromDevice(target, address, STREAM);
    assertEquals(bytes(0, 0, 0), target);
    driver.free(address, STREAM);
  }

  @Test
  void ordersOneStreamAfterAnother() {
    driver.order(1, 2);
    assertThrows(CudaException.class, () -> driver.order(1, 1), "the stand-in looks");
  }
}
