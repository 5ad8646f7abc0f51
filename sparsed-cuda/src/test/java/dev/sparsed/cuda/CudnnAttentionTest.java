package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_ENGINEHEUR_MODE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATIONGRAPH_HANDLE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATIONGRAPH_OPS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_STATSDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_DATA_TYPE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_DIMENSIONS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_IS_BY_VALUE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_STRIDES;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_UNIQUE_ID;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_VARIANT_PACK_WORKSPACE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_BFLOAT16;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_FLOAT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_HEUR_MODE_A;
import static org.bytedeco.cuda.global.cudnn.CUDNN_HEUR_MODE_FALLBACK;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_NOT_SUPPORTED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What cuDNN is asked for, and what happens where it refuses or fails. */
final class CudnnAttentionTest {

  private static final long STREAM = 0x1234;

  private final RecordingCudnn cudnn = new RecordingCudnn();
  private final RecordingDriver driver = new RecordingDriver(RecordingDriver.ada());
  private final CudaAttention attention =
      driver.attention(new CudnnAttention(cudnn, driver)).onStream(STREAM);

  private final DeviceTensor query = tensor(0x1000000, 28, 300, 128);
  private final DeviceTensor key = tensor(0x2000000, 4, 500, 128);
  private final DeviceTensor value = tensor(0x3000000, 4, 500, 128);
  private final DeviceTensor output = tensor(0x4000000, 28, 300, 128);

  private static DeviceTensor tensor(long address, int heads, int length, int headDimension) {
    return DeviceTensor.contiguous(address, ElementType.BFLOAT16, 1, heads, length, headDimension);
  }

  private final AttentionCall<DeviceTensor> call = call(query, key, value);

  private static AttentionCall<DeviceTensor> call(
      DeviceTensor query, DeviceTensor key, DeviceTensor value) {
    return AttentionCall.of(DeviceTensor.READER, query, key, value);
  }

  private Optional<String> dense() {
    return attention.denseByCudnn(call, output);
  }

  private Optional<String> denseWithLogSumExp() {
    return attention.denseByCudnn(call, output, DeviceTensor.of(0x6000000, call.logSumExpLayout()));
  }

  private RecordingCudnn.Descriptor operand(int attribute) {
    RecordingCudnn.Descriptor operation = cudnn.only(CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR);
    return cudnn.descriptor(operation.get(attribute).get(0));
  }

  @Test
  void describesTheCallAsOneOperation() {
    assertEquals(Optional.empty(), denseWithLogSumExp());
    RecordingCudnn.Descriptor q = operand(CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC);
    assertEquals(List.of((long) CUDNN_DATA_BFLOAT16), q.get(CUDNN_ATTR_TENSOR_DATA_TYPE));
    assertEquals(List.of(1L, 28L, 300L, 128L), q.get(CUDNN_ATTR_TENSOR_DIMENSIONS));
    assertEquals(List.of(28L * 300 * 128, 300L * 128, 128L, 1L), q.get(CUDNN_ATTR_TENSOR_STRIDES));
    // Key heads stay as few as they are.
    assertEquals(
        List.of(1L, 4L, 500L, 128L),
        operand(CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC).get(CUDNN_ATTR_TENSOR_DIMENSIONS));
    RecordingCudnn.Descriptor sums = operand(CUDNN_ATTR_OPERATION_SDPA_FWD_STATSDESC);
    assertEquals(List.of((long) CUDNN_DATA_FLOAT), sums.get(CUDNN_ATTR_TENSOR_DATA_TYPE));
    assertEquals(List.of(1L, 28L, 300L, 1L), sums.get(CUDNN_ATTR_TENSOR_DIMENSIONS));
    RecordingCudnn.Descriptor scale = operand(CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC);
    assertEquals(List.of(1L), scale.get(CUDNN_ATTR_TENSOR_IS_BY_VALUE));
    RecordingCudnn.Descriptor graph = cudnn.only(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    assertEquals(List.of(RecordingCudnn.HANDLE), graph.get(CUDNN_ATTR_OPERATIONGRAPH_HANDLE));
    assertEquals(1, graph.get(CUDNN_ATTR_OPERATIONGRAPH_OPS).size());
    assertEquals(
        List.of((long) CUDNN_HEUR_MODE_A),
        cudnn.only(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR).get(CUDNN_ATTR_ENGINEHEUR_MODE));
  }

  @Test
  void everyTensorOfTheGraphGetsItsAddress() {
    denseWithLogSumExp();
    RecordingCudnn.Execution execution = cudnn.executions.get(0);
    assertEquals(STREAM, execution.stream());
    List<Long> ids = execution.pack().get(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
    List<Long> addresses = execution.pack().get(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
    int[] operands = {
      CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC,
      CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC,
      CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC,
      CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC,
      CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC,
      CUDNN_ATTR_OPERATION_SDPA_FWD_STATSDESC
    };
    for (int i = 0; i < operands.length; i++) {
      long id = operand(operands[i]).get(CUDNN_ATTR_TENSOR_UNIQUE_ID).get(0);
      assertEquals(0x1000000L * (i + 1), addresses.get(ids.indexOf(id)));
    }
    assertEquals(List.of((float) (1 / Math.sqrt(128))), cudnn.constants);
    assertNotEquals(List.of(0L), execution.pack().get(CUDNN_ATTR_VARIANT_PACK_WORKSPACE));
    assertEquals(0, driver.live, "the workspace is freed");
  }

  @Test
  void buildsAPlanOncePerLayoutAndNotPerAddress() {
    dense();
    int made = cudnn.made;
    DeviceTensor elsewhere = tensor(0x9000000, 28, 300, 128);
    attention.denseByCudnn(call(elsewhere, key, value), output);
    assertEquals(made + 1, cudnn.made, "a variant pack only");
    assertEquals(
        cudnn.executions.get(0).plan(), cudnn.executions.get(1).plan(), "the same plan again");
    denseWithLogSumExp();
    assertNotEquals(cudnn.executions.get(0).plan(), cudnn.executions.get(2).plan());
    assertTrue(
        cudnn.live.values().stream()
            .noneMatch(d -> d.type == CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR));
  }

  @Test
  void takesTheFirstEngineThatAccepts() {
    cudnn.refusedPlans = 1;
    assertEquals(Optional.empty(), dense());
    RecordingCudnn.Descriptor plan = cudnn.descriptor(cudnn.executions.get(0).plan());
    long engine = plan.get(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).get(0);
    assertTrue(cudnn.live.containsKey(engine));
  }

  @Test
  void asksTheFallbackHeuristicsLast() {
    cudnn.refusedPlans = cudnn.engines;
    assertEquals(Optional.empty(), dense());
    assertEquals(
        List.of((long) CUDNN_HEUR_MODE_A, (long) CUDNN_HEUR_MODE_FALLBACK),
        cudnn.live.values().stream()
            .filter(d -> d.type == CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)
            .map(d -> d.get(CUDNN_ATTR_ENGINEHEUR_MODE).get(0))
            .toList());
  }

  @Test
  void aRefusalIsExplainedAndRememberedAndLeavesNothing() {
    for (int type :
        new int[] {
          CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR,
          CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR,
          CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR
        }) {
      RecordingCudnn refusing = new RecordingCudnn();
      refusing.refusedTypes.add(type);
      CudaAttention refused =
          driver.attention(new CudnnAttention(refusing, driver)).onStream(STREAM);
      for (int i = 0; i < 2; i++) {
        int made = refusing.made;
        Optional<String> reason = refused.denseByCudnn(call, output);
        assertTrue(reason.orElseThrow().contains("error " + CUDNN_STATUS_NOT_SUPPORTED));
        assertTrue(i == 0 || refusing.made == made, "asked again");
      }
      assertTrue(refusing.live.isEmpty());
    }
    cudnn.engines = 0;
    assertTrue(dense().orElseThrow().contains("no engine"));
    assertTrue(cudnn.live.isEmpty());
  }

  @Test
  void aRefusalForWantOfMemoryIsNotRemembered() {
    cudnn.refusal = CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED;
    cudnn.refusedPlans = 2 * cudnn.engines;
    assertTrue(dense().isPresent());
    assertTrue(cudnn.live.isEmpty());
    assertEquals(Optional.empty(), dense());
    assertEquals(1, cudnn.executions.size());
  }

  @Test
  void aFailureIsNoRefusal() {
    cudnn.failExecutions = true;
    CudaException thrown = assertThrows(CudaException.class, () -> dense());
    assertTrue(String.valueOf(thrown.getMessage()).contains("queryLength=300"));
    assertTrue(String.valueOf(thrown.getMessage()).contains("EXECUTION_FAILED"));
    assertEquals(0, driver.live);
    assertTrue(
        cudnn.live.values().stream()
            .noneMatch(d -> d.type == CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR));
  }

  @Test
  void keepsABoundedNumberOfPlans() {
    dense();
    int perPlan = cudnn.live.size();
    for (int length = 1; length <= 2 * CudnnAttention.KEPT; length++) {
      DeviceTensor keys = tensor(0x2000000, 4, length, 128);
      attention.denseByCudnn(call(query, keys, keys), output);
    }
    assertEquals(CudnnAttention.KEPT * perPlan, cudnn.live.size());
  }

  @Test
  void whatItCannotComputeIsNotAsked() {
    DeviceTensor floats = DeviceTensor.contiguous(0x1000000, ElementType.FLOAT32, 1, 4, 100, 64);
    DeviceTensor floatOutput =
        DeviceTensor.contiguous(0x2000000, ElementType.FLOAT32, 1, 4, 100, 64);
    assertTrue(attention.denseByCudnn(call(floats, floats, floats), floatOutput).isPresent());
    cudnn.version = 90800;
    assertTrue(dense().orElseThrow().contains("9.8.0 is older than 9.13.1"));
    assertTrue(attention.cudnnProblem().isPresent());
    assertEquals(0, cudnn.made);
  }

  @Test
  void stridesOfDimensionsOfOneElementDoNotMatter() {
    dense();
    DeviceTensor sameInOtherWords =
        DeviceTensor.of(0x1000000, new TensorLayout(query.layout().form(), 8, 300 * 128, 128));
    int made = cudnn.made;
    attention.denseByCudnn(call(sameInOtherWords, key, value), output);
    assertEquals(made + 1, cudnn.made);
  }

  @Test
  void theBackendsFullAttentionIsCudnnsOrElseItsOwnKernels() {
    CudaBackend backend = new CudaBackend(attention);
    FloatTensor zeros = FloatTensor.zeros(1, 2, 10, 64);
    try (CudaTensor small = backend.upload(zeros, ElementType.BFLOAT16)) {
      backend.dense(backend.call(small, small, small)).close();
      assertEquals(1, cudnn.executions.size());
      assertTrue(driver.launches.isEmpty());
      assertTrue(backend.cost(small, BlockShape.square(64)).isPresent());
    }
    cudnn.refusedTypes.add(CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR);
    FloatTensor others = FloatTensor.zeros(1, 2, 11, 64);
    try (CudaTensor refused = backend.upload(others, ElementType.BFLOAT16)) {
      backend.dense(backend.call(refused, refused, refused)).close();
      assertEquals(1, cudnn.executions.size());
      assertEquals("attention_bf16_d64_b128", driver.loaded.get(0));
    }
    assertEquals(0, driver.live);
  }

  @Test
  void versionsReadLikeTheLibrarys() {
    assertEquals("9.19.0", CudnnAttention.versionText(91900));
    assertEquals("9.13.1", CudnnAttention.versionText(91301));
  }
}
