package dev.sparsed.cpu;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackendContract;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/**
 * The contract of attention backends at every instruction set, float32 and bf16: on many sizes for
 * AVX2, the narrowest vectors that matter, and AMX, the other way to multiply; on few for the rest,
 * as the oracle takes most of the time and {@link CpuAttentionPropertyTest} draws random sizes for
 * all.
 */
final class CpuBackendContractTest {

  /** The contract for tensors in Java arrays. */
  abstract static class Float32 extends AttentionBackendContract<FloatTensor> {

    private static final int[] HEAD_DIMENSIONS = {40};
    private static final int[] BLOCK_SIZES = {7, 32};

    private final InstructionSet level;

    Float32(InstructionSet level) {
      this.level = level;
    }

    @BeforeAll
    void assumeUsable() {
      Kernels.assumeUsable(level);
      assumeFalse(
          CpuKernels.isEmulated() && level.compareTo(InstructionSet.AVX2) <= 0,
          "tested with the shipped library");
    }

    @Override
    protected AttentionBackend<FloatTensor> backend() {
      return new CpuBackend(CpuAttention.of(level, 2));
    }

    @Override
    protected FloatTensor tensor(FloatTensor values) {
      return values;
    }

    @Override
    protected FloatTensor download(FloatTensor tensor) {
      return tensor;
    }

    @Override
    protected void release(FloatTensor tensor) {}

    @Override
    protected double tolerance() {
      return Kernels.tolerance(level, ElementType.FLOAT32);
    }

    @Override
    protected int[] headDimensions() {
      return level == InstructionSet.AVX2 ? new int[] {16, 128, 8} : HEAD_DIMENSIONS.clone();
    }

    @Override
    protected int[] blockSizes() {
      return level == InstructionSet.AVX2 ? new int[] {1, 16, 128} : BLOCK_SIZES.clone();
    }

    @Override
    protected int[] unsupportedHeadDimensions() {
      return new int[] {CpuAttention.MAX_HEAD_DIMENSION + 1};
    }
  }

  /** The contract for bf16 tensors in native memory. */
  abstract static class Bfloat16 extends AttentionBackendContract<NativeTensor> {

    private static final int[] HEAD_DIMENSIONS = {64};
    private static final int[] BLOCK_SIZES = {16, 50};

    private final InstructionSet level;

    Bfloat16(InstructionSet level) {
      this.level = level;
    }

    @BeforeAll
    void assumeUsable() {
      Kernels.assumeUsable(level);
      assumeFalse(
          CpuKernels.isEmulated() && level.compareTo(InstructionSet.AVX2) <= 0,
          "tested with the shipped library");
    }

    @Override
    protected AttentionBackend<NativeTensor> backend() {
      return new NativeTensorBackend(CpuAttention.of(level, 2));
    }

    @Override
    protected NativeTensor tensor(FloatTensor values) {
      return NativeTensor.of(ElementType.BFLOAT16, values);
    }

    @Override
    protected FloatTensor download(NativeTensor tensor) {
      return tensor.download();
    }

    @Override
    protected void release(NativeTensor tensor) {
      tensor.close();
    }

    @Override
    protected double tolerance() {
      return Kernels.tolerance(level, ElementType.BFLOAT16);
    }

    @Override
    protected double scoreTolerance() {
      // Scores are float32 sums of exact products.
      return 2e-5;
    }

    @Override
    protected int[] headDimensions() {
      return level == InstructionSet.AMX ? new int[] {16, 128, 40} : HEAD_DIMENSIONS.clone();
    }

    @Override
    protected int[] blockSizes() {
      return level == InstructionSet.AMX ? new int[] {7, 32, 50} : BLOCK_SIZES.clone();
    }

    @Override
    protected int[] unsupportedHeadDimensions() {
      return new int[] {CpuAttention.MAX_HEAD_DIMENSION + 1};
    }
  }

  @Nested
  final class BaselineFloat32 extends Float32 {
    BaselineFloat32() {
      super(InstructionSet.BASELINE);
    }
  }

  @Nested
  final class BaselineBfloat16 extends Bfloat16 {
    BaselineBfloat16() {
      super(InstructionSet.BASELINE);
    }
  }

  @Nested
  final class Avx2Float32 extends Float32 {
    Avx2Float32() {
      super(InstructionSet.AVX2);
    }
  }

  @Nested
  final class Avx2Bfloat16 extends Bfloat16 {
    Avx2Bfloat16() {
      super(InstructionSet.AVX2);
    }
  }

  @Nested
  final class Avx512Float32 extends Float32 {
    Avx512Float32() {
      super(InstructionSet.AVX512);
    }
  }

  @Nested
  final class Avx512Bfloat16 extends Bfloat16 {
    Avx512Bfloat16() {
      super(InstructionSet.AVX512);
    }
  }

  @Nested
  final class Avx512Bf16 extends Bfloat16 {
    Avx512Bf16() {
      super(InstructionSet.AVX512_BF16);
    }
  }

  @Nested
  final class Amx extends Bfloat16 {
    Amx() {
      super(InstructionSet.AMX);
    }
  }
}
