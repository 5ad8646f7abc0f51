package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.cuda.CudaAttention;
import dev.sparsed.cuda.RecordingDriver;
import dev.sparsed.models.torch.TorchBackend;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.select.CumulativeThreshold;
import java.nio.ByteBuffer;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What LibTorch's tensors become on their way to the kernels, over a recording driver. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class CudaTorchKernelsTest {

  private static final long STREAM = 0x77;
  private static final int TOKENS = 200;

  private final RecordingDriver driver = new RecordingDriver(RecordingDriver.ada());
  private final CudaAttention attention = driver.attention();
  private final KernelAttention backend =
      new KernelAttention(List.of(new CudaTorchKernels(new Recorded())), new TorchBackend());
  private PointerScope scope;

  /** Processor tensors as if their addresses were a device's; nothing reads them. */
  private final class Recorded implements CudaTensors {
    @Override
    public boolean reaches(Tensor tensor) {
      return true;
    }

    @Override
    public CudaAttention attention(Tensor tensor) {
      return attention;
    }

    @Override
    public long address(Tensor tensor) {
      return tensor.data_ptr().address();
    }

    @Override
    public long stream(Tensor tensor) {
      return STREAM;
    }
  }

  @BeforeAll
  static void useOneThread() {
    TorchRuntime.setThreads(1);
  }

  @BeforeEach
  void openScope() {
    scope = new PointerScope();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private static Tensor tensor(int heads, int headDimension) {
    return torch.zeros(1, heads, TOKENS, headDimension).to(ScalarType.BFloat16);
  }

  @Test
  void aSelectedPatternStaysOnTheDeviceAndStepsOnlyLaunch() {
    Tensor query = tensor(4, 64);
    Tensor key = tensor(2, 64);
    try (SparseAttention<Tensor> session = session(AttentionPolicy.sparseD(0.2, 0.3, 32))) {
      attend(session, AttentionPhase.FULL, query, key);
      assertEquals(List.of(), driver.takeCalls(), "full attention is LibTorch's");
      attend(session, AttentionPhase.FULL_AND_SELECT, query, key);
      List<String> selecting = driver.takeCalls();
      assertFalse(selecting.contains("download") || selecting.contains("upload"));
      assertEquals(
          List.of(
              "launch attention_bf16_d64_b128",
              "launch row_log_sum_exp_bf16_d64",
              "launch block_scores_bf16_d64",
              "launch select_blocks"),
          selecting.stream().filter(call -> call.startsWith("launch")).toList());
      for (int step = 0; step < 3; step++) {
        attend(session, AttentionPhase.SPARSE, query, key);
        assertEquals(List.of("launch attention_bf16_d64_b32"), driver.takeCalls());
      }
    }
    assertEquals(0, driver.liveAllocations());
    assertTrue(driver.launchStreams().stream().allMatch(stream -> stream == STREAM));
  }

  @Test
  void aSelectorInJavaGetsTheScoresOnceAndThePatternGoesUpOnce() {
    Tensor query = tensor(4, 64);
    Tensor key = tensor(2, 64);
    AttentionPolicy policy =
        new AttentionPolicy(
            SkipSchedule.ratio(0.2), new CumulativeThreshold(0.9), 32, ScoreScale.PUBLISHED);
    try (SparseAttention<Tensor> session = session(policy)) {
      attend(session, AttentionPhase.FULL_AND_SELECT, query, key);
      List<String> selecting = driver.takeCalls();
      assertTrue(selecting.contains("download") && selecting.contains("upload"));
      for (int step = 0; step < 3; step++) {
        attend(session, AttentionPhase.SPARSE, query, key);
        assertEquals(List.of("launch attention_bf16_d64_b32"), driver.takeCalls());
      }
    }
    assertEquals(0, driver.liveAllocations());
  }

  @Test
  void aPatternFromJavaIsCopiedAtItsFirstUseOnly() {
    Tensor query = tensor(4, 64);
    Tensor key = tensor(4, 64);
    SparsePattern pattern = SparsePattern.dense(BlockGrid.square(1, 4, TOKENS, 64));
    try (SparseAttention<Tensor> session = session(AttentionPolicy.sparseD(0.2, 0.3, 64))) {
      session.usePattern(0, pattern);
      assertEquals(List.of(), driver.takeCalls());
      attend(session, AttentionPhase.SPARSE, query, key);
      assertTrue(driver.takeCalls().contains("upload"));
      attend(session, AttentionPhase.SPARSE, query, key);
      assertEquals(List.of("launch attention_bf16_d64_b64"), driver.takeCalls());
    }
    assertEquals(0, driver.liveAllocations());
  }

  @Test
  void viewsOfLargerTensorsAreReadInPlace() {
    // As models make them: one projection [B, S, H * D], seen as [B, H, S, D].
    Tensor projected = torch.zeros(1, TOKENS, 6 * 64).to(ScalarType.BFloat16);
    Tensor heads = projected.view(1, TOKENS, 6, 64).transpose(1, 2);
    Tensor query = heads.narrow(1, 0, 4);
    Tensor key = heads.narrow(1, 4, 2);
    dense(query, key);
    ByteBuffer struct = driver.argumentsOfLaunch(0);
    assertEquals(query.data_ptr().address(), struct.getLong());
    assertEquals(key.data_ptr().address(), struct.getLong());
    assertEquals(key.data_ptr().address(), struct.getLong());
    struct.position(8 * Long.BYTES);
    assertEquals((long) TOKENS * 6 * 64, struct.getLong(), "batch stride of the queries");
    assertEquals(64, struct.getLong(), "head stride");
    assertEquals(6 * 64, struct.getLong(), "token stride");
  }

  @Test
  void tensorsTheKernelsCannotStepThroughAreCopied() {
    Tensor query = tensor(1, 64);
    // Starts at an odd element.
    Tensor storage = torch.zeros(TOKENS * 64 + 1).to(ScalarType.BFloat16);
    Tensor shifted = storage.narrow(0, 1, TOKENS * 64).view(1, 1, TOKENS, 64);
    // The elements of a head's vector are apart.
    Tensor transposed = torch.zeros(1, 1, 64, TOKENS).to(ScalarType.BFloat16).transpose(2, 3);
    // One token for all.
    Tensor expanded = torch.zeros(1, 1, 1, 64).to(ScalarType.BFloat16).expand(1, 1, TOKENS, 64);
    for (Tensor key : List.of(shifted, transposed, expanded)) {
      int before = driver.launchStreams().size();
      dense(query, key);
      ByteBuffer struct = driver.argumentsOfLaunch(before);
      assertNotEquals(key.data_ptr().address(), struct.getLong(Long.BYTES));
      assertEquals(64, struct.getLong(13 * Long.BYTES), "token stride of the keys");
    }
  }

  @Test
  void whatThereIsNoKernelForIsLeftToLibTorch() {
    SparsePattern blocksOf48 = SparsePattern.dense(BlockGrid.square(1, 2, TOKENS, 48));
    Tensor common = tensor(2, 64);
    assertEquals(TOKENS, sparse(common, blocksOf48).size(2));
    SparsePattern blocksOf32 = SparsePattern.dense(BlockGrid.square(1, 2, TOKENS, 32));
    Tensor oddHead = tensor(2, 40);
    assertEquals(TOKENS, sparse(oddHead, blocksOf32).size(2));
    assertEquals(List.of(), driver.takeCalls());
    sparse(common, blocksOf32);
    assertTrue(driver.takeCalls().contains("launch attention_bf16_d64_b32"));
    assertEquals(0, driver.liveAllocations());
  }

  @Test
  void everyDtypeHasItsKernels() {
    List<ScalarType> dtypes = List.of(ScalarType.BFloat16, ScalarType.Half, ScalarType.Float);
    List<String> names =
        List.of("attention_bf16_d96_b128", "attention_f16_d96_b128", "attention_f32");
    for (int i = 0; i < dtypes.size(); i++) {
      Tensor tensor = tensor(2, 96).to(dtypes.get(i));
      dense(tensor, tensor);
      assertEquals(List.of("launch " + names.get(i)), driver.takeCalls());
      assertTrue(kernels().cost(tensor, BlockShape.square(64)).isPresent());
    }
  }

  @Test
  void isNotThereWithoutACard() {
    if (!torch.cuda_is_available()) {
      assertTrue(CudaTorchKernels.find().isEmpty());
      assertFalse(KernelAttention.standard().name().contains("cuda"));
    }
  }

  private Tensor sparse(Tensor all, SparsePattern pattern) {
    return backend.sparse(backend.call(all, all, all), pattern);
  }

  private void dense(Tensor query, Tensor key) {
    kernels().dense(kernels().call(query, key, key));
  }

  private CudaTorchKernels kernels() {
    return new CudaTorchKernels(new Recorded());
  }

  private SparseAttention<Tensor> session(AttentionPolicy policy) {
    return new SparseAttention<>(backend, policy, 1, 10, 64);
  }

  private static void attend(
      SparseAttention<Tensor> session, AttentionPhase phase, Tensor query, Tensor key) {
    session.beginStep(0, phase);
    session.attend(0, query, key, key);
  }
}
