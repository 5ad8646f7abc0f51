package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.select.Selection;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is checked before a launch, and what a launch is made of. */
final class CudaAttentionTest {

  private static final long STREAM = 0x1234;

  private final RecordingDriver driver = new RecordingDriver(RecordingDriver.ada());
  private final CudaAttention attention = driver.attention().onStream(STREAM);

  private static DeviceTensor tensor(long address, int heads, int length, int headDimension) {
    return DeviceTensor.contiguous(address, ElementType.BFLOAT16, 1, heads, length, headDimension);
  }

  private static AttentionCall<DeviceTensor> call(
      DeviceTensor query, DeviceTensor key, DeviceTensor value) {
    return AttentionCall.of(DeviceTensor.READER, query, key, value);
  }

  private final DeviceTensor query = tensor(0x1000000, 4, 300, 128);
  private final DeviceTensor key = tensor(0x2000000, 2, 500, 128);
  private final DeviceTensor value = tensor(0x3000000, 2, 500, 128);
  private final DeviceTensor output = tensor(0x4000000, 4, 300, 128);
  private final AttentionCall<DeviceTensor> call = call(query, key, value);
  private final DeviceTensor logSumExp = DeviceTensor.of(0x5000000, call.logSumExpLayout());

  @Test
  void packsArgumentsInTheOrderOfTheStruct() {
    attention.dense(call, output, logSumExp);
    assertEquals(List.of(STREAM), driver.streams);
    Driver.Launch launch = driver.launches.get(0);
    assertEquals("attention_bf16_d128_b128", driver.loaded.get(0));
    assertEquals(3, launch.gridX());
    assertEquals(4, launch.gridY());
    assertEquals(1, launch.gridZ());
    assertEquals(List.of(launch.sharedBytes()), driver.sharedMemory);
    ByteBuffer struct = driver.arguments.get(0);
    assertEquals(0x1000000, struct.getLong());
    assertEquals(0x2000000, struct.getLong());
    assertEquals(0x3000000, struct.getLong());
    assertEquals(0x4000000, struct.getLong());
    assertEquals(0x5000000, struct.getLong());
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
    assertEquals(128, struct.getInt());
    assertEquals((float) (1 / Math.sqrt(128)), struct.getFloat());
    assertEquals(0, struct.getInt(), "the struct's size is a multiple of eight bytes");
    assertEquals(0, struct.remaining());
  }

  @Test
  void loadsAKernelOnce() {
    for (int i = 0; i < 3; i++) {
      attention.dense(call, output);
    }
    assertEquals(1, driver.loaded.size());
    assertEquals(3, driver.launches.size());
  }

  @Test
  void refusesTensorsThatDoNotFitTogether() {
    refused("head dimension", () -> call(tensor(0x1000000, 4, 300, 64), key, value));
    refused("multiple", () -> call(tensor(0x1000000, 3, 300, 128), key, value));
    refused("values", () -> call(query, key, tensor(0x3000000, 2, 499, 128)));
    refused("output", () -> attention.dense(call, tensor(0x4000000, 4, 301, 128)));
    DeviceTensor unsupported = tensor(0x1000000, 4, 300, 80);
    refused(
        "80",
        () ->
            attention.dense(
                call(unsupported, unsupported, unsupported), tensor(0x4000000, 4, 300, 80)));
    refused(
        "overlap",
        () ->
            attention.dense(
                call,
                DeviceTensor.of(
                    0x4000000, new TensorLayout(output.layout().form(), 128 * 300, 128, 128))));
    refused("logSumExp", () -> attention.dense(call, output, tensor(0x5000000, 4, 300, 8)));
    assertTrue(driver.launches.isEmpty());
  }

  private static DeviceTensor strided(int heads, long batch, long head, long token) {
    TensorForm form = new TensorForm(ElementType.FLOAT16, 1, heads, 2, 64);
    return DeviceTensor.of(0x1000, new TensorLayout(form, batch, head, token));
  }

  @Test
  void refusesMemoryThatCannotBe() {
    refused("multiple of 16", () -> tensor(0x1002, 1, 1, 64));
    refused(
        "multiple of 4", () -> DeviceTensor.contiguous(0x5001, ElementType.FLOAT32, 1, 4, 300, 1));
    refused("not zero", () -> tensor(0, 1, 1, 64));
    refused("length", () -> tensor(0x1000, 1, 0, 64));
    refused("length", () -> tensor(0x1000, 1, DeviceTensor.MAX_LENGTH + 1, 64));
    refused("tokenStride", () -> strided(1, 0, 0, 65));
    refused("overlap", () -> strided(1, 0, 0, 56));
    refused("address space", () -> strided(1 << 16, 0, Long.MAX_VALUE / 8 * 8, 64));
    refused("negative", () -> strided(2, 0, -64, 64));
  }

  @Test
  void aPatternIsCopiedToEachDeviceOnce() {
    SparsePattern dense = SparsePattern.dense(new BlockGrid(1, 4, 300, 500, 64));
    SparsePattern other = SparsePattern.dense(new BlockGrid(1, 4, 300, 400, 64));
    RecordingDriver otherDriver = new RecordingDriver(RecordingDriver.ada());
    CudaAttention otherAttention = otherDriver.attention();
    try (PreparedPattern good = PreparedPattern.of(dense);
        PreparedPattern wrongGrid = PreparedPattern.of(other)) {
      for (int i = 0; i < 2; i++) {
        attention.sparse(call, good, output);
        otherAttention.sparse(call, good, output);
      }
      for (RecordingDriver each : List.of(driver, otherDriver)) {
        assertEquals(3, each.calls.stream().filter("allocate"::equals).count());
        assertEquals(2, each.launches.size());
      }
      driver.takeCalls();
      refused("grid", () -> attention.sparse(call, wrongGrid, output));
      assertEquals(List.of(), driver.takeCalls(), "refused before anything is copied");
    }
    assertEquals(0, driver.live);
    assertEquals(0, otherDriver.live);
    assertEquals("attention_bf16_d128_b64", driver.loaded.get(0));
  }

  @Test
  void hoppersKernelsRunThereWhereThereAreAny() {
    RecordingDriver hopper = new RecordingDriver(RecordingDriver.hopper());
    CudaAttention onHopper = hopper.attention();
    for (BlockShape blocks :
        List.of(BlockShape.square(64), BlockShape.square(16), new BlockShape(64, 1))) {
      SparsePattern dense = SparsePattern.dense(new BlockGrid(1, 4, 300, 500, blocks));
      try (PreparedPattern pattern = PreparedPattern.of(dense)) {
        onHopper.sparse(call, pattern, output);
      }
    }
    ScoreRequest request = new ScoreRequest(64, 1, 0.1, ScoreScope.ALL_AND_GENERATION_KEYS);
    onHopper.select(call, selection(request)).close();
    assertEquals(
        List.of(
            "hopper_attention_bf16_d128_b64",
            "attention_bf16_d128_b16",
            "gather_bf16_d128_b64",
            "hopper_row_log_sum_exp_bf16_d128",
            "hopper_block_scores_bf16_d128",
            "select_blocks"),
        hopper.loaded);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 48, 256})
  void hopperRefusesTheBlockSizesThatOthersRefuse(int blockSize) {
    RecordingDriver hopper = new RecordingDriver(RecordingDriver.hopper());
    ScoreRequest request = new ScoreRequest(blockSize, 1, 0.1, ScoreScope.ALL_AND_GENERATION_KEYS);
    assertThrows(
        IllegalArgumentException.class, () -> hopper.attention().select(call, selection(request)));
    assertEquals(List.of(), hopper.takeCalls());
  }

  @Test
  void aPatternOnAnotherStreamWaitsForItsLastOne() {
    SparsePattern dense = SparsePattern.dense(new BlockGrid(1, 4, 300, 500, 64));
    try (PreparedPattern pattern = PreparedPattern.of(dense)) {
      attention.onStream(1).sparse(call, pattern, output);
      driver.takeCalls();
      for (long stream : new long[] {1, 2, 2, 1}) {
        attention.onStream(stream).sparse(call, pattern, output);
      }
      String launch = "launch attention_bf16_d128_b64";
      assertEquals(
          List.of(launch, "order 1 before 2", launch, launch, "order 2 before 1", launch),
          driver.takeCalls());
      attention.onStream(3).sparse(call, pattern, output);
    }
    assertEquals(List.of(3L, 3L, 3L), driver.freedOn, "after the last use");
  }

  @Test
  void releasesEverythingWhenALaunchFails() {
    driver.failLaunches = true;
    ScoreRequest request = new ScoreRequest(64, 1, 0.1, ScoreScope.ALL_AND_GENERATION_KEYS);
    CudaException thrown =
        assertThrows(CudaException.class, () -> attention.select(call, selection(request)));
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
      attention.select(call, selection(request), logSumExp).close();
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
        assertThrows(CudaException.class, () -> small.attention().dense(call, output));
    assertTrue(String.valueOf(thrown.getMessage()).contains("shared memory"));
  }

  private Selection selection(ScoreRequest request) {
    return Selection.of(call.grid(request.blockSize()), request, new IsolatedTopK(0.3));
  }

  private static void refused(String part, org.junit.jupiter.api.function.Executable call) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call);
    assertTrue(String.valueOf(thrown.getMessage()).contains(part), thrown::toString);
  }
}
