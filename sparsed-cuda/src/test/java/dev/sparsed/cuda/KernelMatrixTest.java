package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.TestTensors;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.ScoreScope;
import dev.sparsed.tensor.ElementType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The matrix on the emulated device, threads running forward, reversed and shuffled in turn. */
class KernelMatrixTest extends KernelMatrix {

  private EmulatedDriver driver;
  private CudaAttention attention;

  EmulatedDriver device() {
    return EmulatedDriver.start();
  }

  @BeforeAll
  void startDevice() {
    driver = device();
    attention = driver.attention();
  }

  @AfterAll
  void stopDevice() {
    if (driver != null) {
      driver.close();
    }
  }

  @Override
  CudaAttention attention() {
    return attention;
  }

  @Override
  double scoreTolerance() {
    return 1e-5;
  }

  @Override
  void prepare(Case c) {
    EmulatedDriver.Order[] orders = EmulatedDriver.Order.values();
    driver.runThreads(orders[c.number() % orders.length], c.seed());
  }

  @Test
  void launchSizesAreThoseOfTheSources() {
    List<String> lines = driver.kernels();
    for (ElementType type : List.of(ElementType.BFLOAT16, ElementType.FLOAT16)) {
      for (int headDimension : Kernel.SIZES.hopperHeadDimensions()) {
        for (int blockSize : Kernel.SIZES.hopperBlockSizes()) {
          BlockShape blocks = BlockShape.square(blockSize);
          assertListed(lines, HopperKernels.attention(type, headDimension, blocks).orElseThrow());
          assertListed(lines, HopperKernels.blockScores(type, headDimension, blocks).orElseThrow());
        }
        assertListed(lines, HopperKernels.rowLogSumExp(type, headDimension).orElseThrow());
      }
    }
    for (ElementType type : ElementType.values()) {
      for (int headDimension : Kernel.SIZES.headDimensions()) {
        for (int blockSize : Kernel.SIZES.blockSizes()) {
          assertListed(lines, Kernel.attention(type, headDimension, BlockShape.square(blockSize)));
          assertListed(
              lines, Kernel.blockScores(type, headDimension, BlockShape.square(blockSize)));
          BlockShape columns = new BlockShape(blockSize, 1);
          assertListed(lines, Kernel.attention(type, headDimension, columns));
          assertListed(lines, Kernel.blockScores(type, headDimension, columns));
        }
        assertListed(lines, Kernel.rowLogSumExp(type, headDimension));
      }
    }
    assertListed(lines, Kernel.selectBlocks());
  }

  private static void assertListed(List<String> lines, Kernel kernel) {
    assertTrue(
        lines.stream()
            .anyMatch(
                line ->
                    line.startsWith(kernel.name() + " ")
                        && line.endsWith(" " + kernel.threads() + " " + kernel.sharedBytes())),
        () -> kernel + " is not among " + lines);
  }

  @Test
  void nothingIsLeftAllocated() {
    long before = driver.liveAllocations();
    AttentionShape shape = new AttentionShape(1, 2, 1, 40, 40, 64);
    FloatTensor values = TestTensors.normal(new Random(3), 1, 2, 40, 64);
    CudaBackend backend = new CudaBackend(attention);
    ScoreRequest request = new ScoreRequest(16, 1, 0.125, ScoreScope.ALL_AND_GENERATION_KEYS);
    try (CudaTensor q = backend.upload(values, ElementType.BFLOAT16);
        CudaTensor k = backend.upload(values, ElementType.BFLOAT16)) {
      AttentionCall<CudaTensor> call = backend.call(q, k, k);
      var selected = backend.denseAndSelect(call, request, new IsolatedTopK(0.3));
      backend.sparse(call, selected.pattern()).close();
      selected.output().close();
      selected.pattern().close();
      selected.pattern().close();
    }
    assertEquals(before, driver.liveAllocations(), shape.toString());
  }
}
