package dev.sparsed.cpu;

import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.KernelOutputContract;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.TensorReader;
import dev.sparsed.tensor.TensorLayout;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

final class CpuOutputContractTest extends KernelOutputContract<CpuTensor> {

  private final FloatPointer memory = new FloatPointer(new float[ARENA]);
  private CpuAttention attention;

  @BeforeEach
  void makeAttention() {
    Kernels.assumeAvailable();
    attention = CpuAttention.fastest();
  }

  @AfterEach
  void freeMemory() {
    memory.close();
  }

  @Override
  protected CpuTensor view(int first, TensorLayout layout) {
    return CpuTensor.of(new FloatPointer(memory).position(first), layout);
  }

  @Override
  protected TensorReader<CpuTensor> reader() {
    return CpuTensor.READER;
  }

  @Override
  protected void dense(AttentionCall<CpuTensor> call, CpuTensor output) {
    attention.dense(call, output);
  }

  @Override
  protected void dense(AttentionCall<CpuTensor> call, CpuTensor output, CpuTensor logSumExp) {
    attention.dense(call, output, logSumExp);
  }

  @Override
  protected void sparse(AttentionCall<CpuTensor> call, PreparedPattern pattern, CpuTensor output) {
    attention.sparse(call, pattern, output);
  }

  @Override
  protected void sparse(
      AttentionCall<CpuTensor> call,
      PreparedPattern pattern,
      CpuTensor output,
      CpuTensor logSumExp) {
    attention.sparse(call, pattern, output, logSumExp);
  }
}
