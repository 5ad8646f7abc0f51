package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.reference.ReferenceBackend;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What must be refused before native code runs, and the kinds of memory that are taken. */
final class CpuTensorTest {

  private static final int D = 16;

  @BeforeEach
  void assumeAvailable() {
    Kernels.assumeAvailable();
  }

  private static CpuTensor floats(FloatPointer memory, int heads, int length) {
    return CpuTensor.contiguous(memory, ElementType.FLOAT32, 1, heads, length, D);
  }

  private static CpuTensor strided(Pointer memory, long batch, long head, long token) {
    TensorForm form = new TensorForm(ElementType.FLOAT32, 2, 3, 4, D);
    return CpuTensor.of(memory, new TensorLayout(form, batch, head, token));
  }

  private static void dense(CpuTensor query, CpuTensor key, CpuTensor value, CpuTensor output) {
    CpuAttention.fastest().dense(AttentionCall.of(CpuTensor.READER, query, key, value), output);
  }

  private static void assertRefused(Runnable call, String saying) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains(saying), message);
  }

  @Test
  void sizesAndStridesOutOfRangeAreRefused() {
    try (FloatPointer memory = new FloatPointer(2 * 3 * 4 * D)) {
      strided(memory, 3 * 4 * D, 4 * D, D);
      for (long bad : new long[] {-1, Long.MIN_VALUE}) {
        assertRefused(() -> strided(memory, bad, 4 * D, D), "batchStride");
        assertRefused(() -> strided(memory, 3 * 4 * D, bad, D), "headStride");
        assertRefused(() -> strided(memory, 3 * 4 * D, 4 * D, bad), "tokenStride");
      }
      for (long bad : new long[] {3 * 4 * D + 1, Long.MAX_VALUE}) {
        assertRefused(() -> strided(memory, bad, 4 * D, D), "has only");
        assertRefused(() -> strided(memory, bad, bad, bad), "has only");
      }
      ElementType type = ElementType.FLOAT32;
      for (int bad : new int[] {0, -5, Integer.MIN_VALUE}) {
        assertRefused(() -> CpuTensor.contiguous(memory, type, bad, 1, 1, 1), "batch");
        assertRefused(() -> CpuTensor.contiguous(memory, type, 1, bad, 1, 1), "heads");
        assertRefused(() -> CpuTensor.contiguous(memory, type, 1, 1, bad, 1), "length");
        assertRefused(() -> CpuTensor.contiguous(memory, type, 1, 1, 1, bad), "headDimension");
      }
      int huge = Integer.MAX_VALUE;
      assertRefused(() -> CpuTensor.contiguous(memory, type, huge, huge, huge, huge), "has only");
    }
  }

  @Test
  void memoryThatIsNotThereIsRefused() {
    ElementType type = ElementType.FLOAT32;
    assertRefused(() -> CpuTensor.contiguous(new Pointer(), type, 1, 1, 1, 1), "null");
    try (FloatPointer memory = new FloatPointer(64)) {
      Pointer unknown = new FloatPointer(memory).capacity(0);
      assertRefused(() -> CpuTensor.contiguous(unknown, type, 1, 1, 1, 1), "unknown");
      // What lies before the position does not count.
      FloatPointer late = new FloatPointer(memory).position(60);
      CpuTensor.contiguous(late, type, 1, 1, 1, 4);
      assertRefused(() -> CpuTensor.contiguous(late, type, 1, 1, 1, 5), "has only 4");
    }
  }

  @Test
  void misalignedMemoryIsRefused() {
    try (BytePointer memory = new BytePointer(100)) {
      memory.position(2);
      CpuTensor.contiguous(memory, ElementType.BFLOAT16, 1, 1, 1, 8);
      assertRefused(() -> CpuTensor.contiguous(memory, ElementType.FLOAT32, 1, 1, 1, 8), "aligned");
      memory.position(1);
      assertRefused(
          () -> CpuTensor.contiguous(memory, ElementType.BFLOAT16, 1, 1, 1, 8), "aligned");
    }
  }

  @Test
  void freedMemoryIsRefusedAtTheCall() {
    try (FloatPointer memory = new FloatPointer(4 * D);
        FloatPointer freed = new FloatPointer(4 * D);
        FloatPointer out = new FloatPointer(4 * D)) {
      CpuTensor tensor = floats(memory, 1, 4);
      CpuTensor gone = floats(freed, 1, 4);
      CpuTensor output = floats(out, 1, 4);
      freed.deallocate();
      assertRefused(() -> dense(gone, tensor, tensor, output), "freed");
      assertRefused(() -> dense(tensor, gone, tensor, output), "freed");
      assertRefused(() -> dense(tensor, tensor, gone, output), "freed");
      assertRefused(() -> dense(tensor, tensor, tensor, gone), "freed");
      memory.limit(3 * D);
      assertRefused(() -> dense(tensor, tensor, tensor, output), "has only");
    }
  }

  @Test
  void outputsThatShareMemoryAreRefused() {
    try (FloatPointer memory = new FloatPointer(100 * D);
        FloatPointer other = new FloatPointer(100 * D)) {
      CpuTensor in = floats(memory, 1, 4);
      CpuTensor elsewhere = floats(other, 1, 4);
      assertRefused(() -> dense(in, elsewhere, elsewhere, in), "queries");
      assertRefused(() -> dense(elsewhere, in, elsewhere, in), "keys");
      assertRefused(() -> dense(elsewhere, elsewhere, in, in), "values");
      CpuTensor shifted = floats(new FloatPointer(memory).position(4 * D - 1), 1, 4);
      assertRefused(() -> dense(in, elsewhere, elsewhere, shifted), "queries");
      CpuTensor behind = floats(new FloatPointer(memory).position(4 * D), 1, 4);
      dense(in, elsewhere, elsewhere, behind);
      TensorForm four = new TensorForm(ElementType.FLOAT32, 1, 1, 4, D);
      CpuTensor folded = CpuTensor.of(other, new TensorLayout(four, 0, 0, D - 1));
      assertRefused(() -> dense(in, in, in, folded), "one another");
    }
  }

  @Test
  void inputsMayRepeatTokens() {
    // A stride of 0 is a broadcast; only outputs must not have it.
    try (FloatPointer memory = new FloatPointer(D);
        FloatPointer out = new FloatPointer(4 * D)) {
      for (int i = 0; i < D; i++) {
        memory.put(i, i);
      }
      TensorForm form = new TensorForm(ElementType.FLOAT32, 1, 1, 4, D);
      CpuTensor repeated = CpuTensor.of(memory, new TensorLayout(form, 0, 0, 0));
      dense(repeated, repeated, repeated, floats(out, 1, 4));
      for (int i = 0; i < 4 * D; i++) {
        assertEquals(i % D, out.get(i), 1e-5f);
      }
    }
  }

  @Test
  void tensorsOfDifferentShapesAreRefused() {
    try (FloatPointer memory = new FloatPointer(1000 * D);
        FloatPointer out = new FloatPointer(1000 * D)) {
      CpuTensor good = floats(memory, 2, 4);
      CpuTensor output = floats(out, 2, 4);
      CpuTensor three = floats(memory, 3, 4);
      assertRefused(() -> dense(good, three, three, output), "heads");
      assertRefused(() -> dense(good, good, floats(memory, 2, 5), output), "values");
      assertRefused(() -> dense(good, good, good, floats(out, 2, 5)), "output");
      CpuTensor narrow = CpuTensor.contiguous(memory, ElementType.BFLOAT16, 1, 2, 4, D);
      assertRefused(() -> dense(good, narrow, narrow, output), "type");
      assertRefused(() -> dense(narrow, narrow, narrow, output), "bf16");
      CpuTensor half = CpuTensor.contiguous(memory, ElementType.FLOAT16, 1, 2, 4, D);
      CpuTensor halfOut = CpuTensor.contiguous(out, ElementType.FLOAT16, 1, 2, 4, D);
      assertRefused(() -> dense(half, half, half, halfOut), "f16");
      int wide = CpuAttention.MAX_HEAD_DIMENSION + 1;
      CpuTensor tooWide = CpuTensor.contiguous(memory, ElementType.FLOAT32, 1, 1, 1, wide);
      CpuTensor wideOut = CpuTensor.contiguous(out, ElementType.FLOAT32, 1, 1, 1, wide);
      assertRefused(() -> dense(tooWide, tooWide, tooWide, wideOut), "head dimension");
    }
  }

  @Test
  void patternsAndRequestsThatDoNotFitAreRefused() {
    CpuAttention attention = CpuAttention.fastest();
    try (FloatPointer memory = new FloatPointer(2 * 40 * D);
        FloatPointer out = new FloatPointer(2 * 40 * D)) {
      CpuTensor in = floats(memory, 2, 40);
      CpuTensor output = floats(out, 2, 40);
      SparsePattern other = SparsePattern.dense(BlockGrid.square(1, 2, 41, 16));
      AttentionCall<CpuTensor> call = AttentionCall.of(CpuTensor.READER, in, in, in);
      assertRefused(() -> attention.sparse(call, PreparedPattern.of(other), output), "grid");
      assertRefused(
          () -> attention.scores(call, request(0, 0.1, ScoreScope.NONE), row -> {}), "scope");
      assertRefused(
          () -> attention.scores(call, request(3, 0.1, ScoreScope.ALL_KEYS), row -> {}),
          "firstGenerationBlock");
      for (double scale : new double[] {1e-60, 1e60}) {
        assertRefused(
            () -> attention.scores(call, request(0, scale, ScoreScope.ALL_KEYS), row -> {}),
            "scale");
      }
    }
  }

  private static ScoreRequest request(int border, double scale, ScoreScope scope) {
    return new ScoreRequest(16, border, scale, scope);
  }

  @Test
  void threadsAndLevelsOutOfRangeAreRefused() {
    InstructionSet level = CpuKernels.fastest();
    assertRefused(() -> CpuAttention.of(level, 0), "threads");
    assertRefused(() -> CpuAttention.of(level, 1025), "threads");
    assertRefused(() -> CpuKernels.peakFlops(level, ElementType.FLOAT32, 1, Double.NaN), "seconds");
    for (InstructionSet missing : InstructionSet.values()) {
      if (!CpuKernels.instructionSets().contains(missing)) {
        assertRefused(() -> CpuAttention.of(missing, 1), missing.name());
      }
    }
  }

  @Test
  void directBuffersAreTaken() {
    Random random = new Random(7);
    FloatTensor values = TestTensors.normal(random, 1, 2, 40, D);
    FloatBuffer in = direct(values.data().length + 3).asFloatBuffer();
    in.position(3);
    in.slice().put(values.data());
    ByteBuffer out = direct(values.data().length);
    CpuTensor tensor = CpuTensor.contiguous(in, ElementType.FLOAT32, 1, 2, 40, D);
    dense(tensor, tensor, tensor, CpuTensor.contiguous(out, ElementType.FLOAT32, 1, 2, 40, D));
    FloatTensor actual = FloatTensor.zeros(1, 2, 40, D);
    out.asFloatBuffer().get(actual.data());
    TestTensors.assertClose(
        new ReferenceBackend().dense(AttentionCall.of(FloatTensor.READER, values, values, values)),
        actual,
        2e-5,
        "direct buffers");
  }

  private static ByteBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  @Test
  void buffersThatCannotBeTakenAreRefused() {
    ElementType type = ElementType.FLOAT32;
    assertRefused(
        () -> CpuTensor.contiguous(FloatBuffer.allocate(16), type, 1, 1, 1, 16), "direct");
    ByteOrder foreign =
        ByteOrder.nativeOrder().equals(ByteOrder.BIG_ENDIAN)
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN;
    assertRefused(
        () -> CpuTensor.contiguous(direct(16).order(foreign), type, 1, 1, 1, 16), "byte order");
    IntBuffer ints = direct(16).asIntBuffer();
    assertRefused(() -> CpuTensor.contiguous(ints, type, 1, 1, 1, 16), "bytes, floats or shorts");
    FloatBuffer late = direct(16).asFloatBuffer().position(1);
    assertRefused(() -> CpuTensor.contiguous(late, type, 1, 1, 1, 16), "has only 15");
  }

  @Test
  void aRangeOfTokensIsAViewOfTheSameMemory() {
    try (FloatPointer memory = new FloatPointer(40 * D)) {
      for (int i = 0; i < 40 * D; i++) {
        memory.put(i, i);
      }
      CpuTensor tensor = floats(memory, 1, 40);
      CpuTensor part = tensor.tokens(10, 12);
      assertEquals(2, part.layout().form().length());
      assertEquals(tensor.address() + 10L * D * Float.BYTES, part.address());
      assertThrows(IndexOutOfBoundsException.class, () -> tensor.tokens(0, 41));
      assertThrows(IndexOutOfBoundsException.class, () -> tensor.tokens(-1, 2));
      assertThrows(IllegalArgumentException.class, () -> tensor.tokens(3, 3));
    }
  }

  @Test
  @SuppressWarnings("try") // A PointerScope works by being open.
  void scratchMemoryOutlivesThePointerScopeOfTheCallThatMadeIt() {
    FloatTensor values = TestTensors.normal(new Random(5), 1, 2, 40, D);
    CpuBackend backend = new CpuBackend(CpuAttention.fastest());
    CpuKernels.releaseMemory();
    float[] inside;
    try (PointerScope scope = new PointerScope()) {
      inside = backend.dense(backend.call(values, values, values)).data();
    }
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(inside, backend.dense(backend.call(values, values, values)).data());
    }
  }

  @Test
  void manyCallersGetTheRightResultAtTheSameTime() throws Exception {
    Random random = new Random(3);
    FloatTensor values = TestTensors.normal(random, 1, 4, 100, D);
    CpuBackend backend = new CpuBackend(CpuAttention.of(CpuKernels.fastest(), 3));
    float[] expected = backend.dense(backend.call(values, values, values)).data();
    Thread[] callers = new Thread[6];
    float[][] results = new float[callers.length][];
    for (int i = 0; i < callers.length; i++) {
      int caller = i;
      callers[i] =
          new Thread(
              () -> {
                for (int repeat = 0; repeat < 20; repeat++) {
                  results[caller] = backend.dense(backend.call(values, values, values)).data();
                }
              });
      callers[i].start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    for (float[] result : results) {
      assertArrayEquals(expected, result);
    }
    CpuKernels.releaseMemory();
    assertArrayEquals(expected, backend.dense(backend.call(values, values, values)).data());
  }
}
