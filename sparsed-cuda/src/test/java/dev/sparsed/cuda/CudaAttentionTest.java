package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is checked before a launch, and what a launch is made of. */
final class CudaAttentionTest {

  private static final long STREAM = 0x1234;

  private final RecordingDriver driver = new RecordingDriver(RecordingDriver.hopper());
  private final CudaAttention attention = driver.attention();

  private static DeviceTensor tensor(long address, int heads, int length, int headDimension) {
    return DeviceTensor.contiguous(address, ElementType.BFLOAT16, 1, heads, length, headDimension);
  }

  private final DeviceTensor query = tensor(0x1000, 4, 300, 128);
  private final DeviceTensor key = tensor(0x2000, 2, 500, 128);
  private final DeviceTensor value = tensor(0x3000, 2, 500, 128);
  private final DeviceTensor output = tensor(0x4000, 4, 300, 128);

  @Test
  void packsArgumentsInTheOrderOfTheStruct() {
    attention.dense(query, key, value, output, OptionalLong.of(0x5000), STREAM);
    assertEquals(List.of(STREAM), driver.streams);
    Driver.Launch launch = driver.launches.get(0);
    assertEquals("attention_bf16_d128_b128", driver.loaded.get(0));
    assertEquals(3, launch.gridX());
    assertEquals(4, launch.gridY());
    assertEquals(1, launch.gridZ());
    assertEquals(List.of(launch.sharedBytes()), driver.sharedMemory);
    ByteBuffer struct = driver.arguments.get(0);
    assertEquals(0x1000, struct.getLong());
    assertEquals(0x2000, struct.getLong());
    assertEquals(0x3000, struct.getLong());
    assertEquals(0x4000, struct.getLong());
    assertEquals(0x5000, struct.getLong());
    for (int i = 0; i < 3; i++) {
      assertEquals(0, struct.getLong(), "a dense call has no pattern");
    }
    assertEquals(4 * 300 * 128, struct.getLong());
    assertEquals(300 * 128, struct.getLong());
    assertEquals(128, struct.getLong());
    struct.position(struct.position() + 9 * Long.BYTES);
    assertEquals(2, struct.getInt());
    assertEquals(300, struct.getInt());
    assertEquals(500, struct.getInt());
    assertEquals(128, struct.getInt());
    assertEquals(128, struct.getInt());
    assertEquals((float) (1 / Math.sqrt(128)), struct.getFloat());
    assertEquals(0, struct.remaining());
  }

  @Test
  void loadsAKernelOnce() {
    for (int i = 0; i < 3; i++) {
      attention.dense(query, key, value, output, OptionalLong.empty(), STREAM);
    }
    assertEquals(1, driver.loaded.size());
    assertEquals(3, driver.launches.size());
  }

  @Test
  void refusesTensorsThatDoNotFitTogether() {
    refused("head dimension", () -> dense(tensor(0x1000, 4, 300, 64), key, value, output));
    refused("multiple", () -> dense(tensor(0x1000, 3, 300, 128), key, value, output));
    refused("values", () -> dense(query, key, tensor(0x3000, 2, 499, 128), output));
    refused("output", () -> dense(query, key, value, tensor(0x4000, 4, 301, 128)));
    refused(
        "80",
        () ->
            dense(
                tensor(0x1000, 4, 300, 80),
                tensor(0x1000, 2, 300, 80),
                tensor(0x1000, 2, 300, 80),
                tensor(0x1000, 4, 300, 80)));
    refused(
        "overlap",
        () ->
            dense(
                query,
                key,
                value,
                new DeviceTensor(
                    0x4000, ElementType.BFLOAT16, 1, 4, 300, 128, 128 * 300, 128, 128)));
    refused(
        "logSumExp",
        () -> attention.dense(query, key, value, output, OptionalLong.of(0x5001), STREAM));
    assertTrue(driver.launches.isEmpty());
  }

  @Test
  void refusesMemoryThatCannotBe() {
    refused("multiple of 16", () -> tensor(0x1002, 1, 1, 64));
    refused("not zero", () -> tensor(0, 1, 1, 64));
    refused("length", () -> tensor(0x1000, 1, 0, 64));
    refused(
        "tokenStride", () -> new DeviceTensor(0x1000, ElementType.FLOAT16, 1, 1, 2, 64, 0, 0, 65));
    refused("overlap", () -> new DeviceTensor(0x1000, ElementType.FLOAT16, 1, 1, 2, 64, 0, 0, 56));
    refused(
        "address space",
        () ->
            new DeviceTensor(
                0x1000, ElementType.FLOAT16, 1, 1 << 16, 2, 64, 0, Long.MAX_VALUE / 8 * 8, 64));
    refused(
        "negative", () -> new DeviceTensor(0x1000, ElementType.FLOAT16, 1, 2, 2, 64, 0, -64, 64));
  }

  @Test
  void refusesPatternsOfOtherDevicesAndGrids() {
    SparsePattern dense = SparsePattern.dense(new BlockGrid(1, 4, 300, 500, 64));
    SparsePattern other = SparsePattern.dense(new BlockGrid(1, 4, 300, 400, 64));
    try (DevicePattern good = attention.upload(dense, STREAM);
        DevicePattern wrongGrid = attention.upload(other, STREAM);
        DevicePattern foreign = driver.attention().upload(dense, STREAM)) {
      sparse(good);
      refused("grid", () -> sparse(wrongGrid));
      refused("another device", () -> sparse(foreign));
    }
    assertEquals(0, driver.live);
    assertEquals("attention_bf16_d128_b64", driver.loaded.get(0));
  }

  @Test
  void aPatternOnAnotherStreamWaitsForItsLastOne() {
    SparsePattern dense = SparsePattern.dense(new BlockGrid(1, 4, 300, 500, 64));
    try (DevicePattern pattern = attention.upload(dense, 1)) {
      driver.takeCalls();
      for (long stream : new long[] {1, 2, 2, 1}) {
        attention.sparse(query, key, value, pattern, output, OptionalLong.empty(), stream);
      }
      String launch = "launch attention_bf16_d128_b64";
      assertEquals(
          List.of(launch, "order 1 before 2", launch, launch, "order 2 before 1", launch),
          driver.takeCalls());
      attention.sparse(query, key, value, pattern, output, OptionalLong.empty(), 3);
    }
    assertEquals(List.of(3L, 3L, 3L), driver.freedOn, "after the last use");
  }

  @Test
  void releasesEverythingWhenALaunchFails() {
    driver.failLaunches = true;
    ScoreRequest request = new ScoreRequest(64, 1, 0.1, ScoreScope.ALL_AND_GENERATION_KEYS);
    CudaException thrown =
        assertThrows(
            CudaException.class,
            () ->
                attention.select(
                    query, key, request, new IsolatedTopK(0.3), OptionalLong.empty(), STREAM));
    assertTrue(String.valueOf(thrown.getMessage()).contains("row_log_sum_exp_bf16_d128"));
    assertTrue(String.valueOf(thrown.getMessage()).contains("queryLength=300"));
    assertEquals(0, driver.live);
  }

  @Test
  void usesTheLogSumExpOfFullAttentionWhereTheScaleIsTheSame() {
    double scale = 1 / Math.sqrt(128);
    for (double used : new double[] {scale, scale * 2}) {
      driver.launches.clear();
      ScoreRequest request = new ScoreRequest(64, 1, used, ScoreScope.ALL_AND_GENERATION_KEYS);
      attention
          .select(query, key, request, new IsolatedTopK(0.3), OptionalLong.of(0x5000), STREAM)
          .close();
      // The generation's sums always; those over all keys only for another scale.
      assertEquals(
          used == scale ? 1 : 2,
          driver.launches.stream().filter(l -> l.what().startsWith("row_log_sum_exp")).count());
    }
    assertEquals(0, driver.live);
  }

  @Test
  void refusesDevicesWithTooLittleSharedMemory() {
    RecordingDriver small =
        new RecordingDriver(new DeviceProperties(0, "small", 8, 7, 8, 1 << 30, 48 * 1024, 13000));
    CudaException thrown =
        assertThrows(
            CudaException.class,
            () -> small.attention().dense(query, key, value, output, OptionalLong.empty(), STREAM));
    assertTrue(String.valueOf(thrown.getMessage()).contains("shared memory"));
  }

  private void dense(DeviceTensor q, DeviceTensor k, DeviceTensor v, DeviceTensor o) {
    attention.dense(q, k, v, o, OptionalLong.empty(), STREAM);
  }

  private void sparse(DevicePattern pattern) {
    attention.sparse(query, key, value, pattern, output, OptionalLong.empty(), STREAM);
  }

  private static void refused(String part, org.junit.jupiter.api.function.Executable call) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call);
    assertTrue(String.valueOf(thrown.getMessage()).contains(part), thrown::toString);
  }
}
