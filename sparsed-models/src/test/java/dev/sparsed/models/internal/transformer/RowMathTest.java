package dev.sparsed.models.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.cpu.internal.CpuRows;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernels of rows at every level against LibTorch's operations. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class RowMathTest {

  private static final double EPSILON = 1e-6;
  private static final RowMath LIBTORCH = new LibTorchRows();

  @BeforeAll
  static void load() {
    TorchRuntime.require();
    assumeTrue(CpuKernels.isAvailable(), "no kernels");
    torch.manual_seed(5);
  }

  private static List<RowMath> kernels() {
    return CpuKernels.instructionSets().stream().map(RowMathTest::kernels).toList();
  }

  private static RowMath kernels(InstructionSet level) {
    return new KernelRows(CpuRows.of(level, 2));
  }

  private static Tensor random(ScalarType type, long... sizes) {
    return torch.randn(sizes).to(type);
  }

  @ParameterizedTest
  @CsvSource({
    "Float, Float, 128, 64",
    "BFloat16, BFloat16, 128, 64",
    "BFloat16, Float, 128, 64",
    "Half, Half, 128, 64",
    "Half, Float, 96, 48",
    "BFloat16, BFloat16, 80, 20",
    "BFloat16, Float, 75, 37",
    "Float, Float, 7, 1"
  })
  void headsTurnToTheSameBits(ScalarType type, ScalarType table, int width, int pairs) {
    int length = 333;
    try (PointerScope scope = new PointerScope()) {
      Tensor angles = torch.rand(length, pairs).mul_(new Scalar(7));
      Tensor cos = torch.cos(angles).to(table);
      Tensor sin = torch.sin(angles).to(table);
      Tensor heads = random(type, length, 5, width).transpose(0, 1);
      Tensor expected = torch.empty(5, length, width).to(type);
      LIBTORCH.rotate(heads, cos, sin, expected);
      for (RowMath math : kernels()) {
        Tensor turned = torch.zeros_like(expected);
        math.rotate(heads, cos, sin, turned);
        assertTrue(turned.equal(expected), math::toString);
      }
    }
  }

  /**
   * The sum of squares differs by rounding, which moves a rounded result to its neighbour rarely.
   */
  @ParameterizedTest
  @EnumSource(names = {"Float", "BFloat16", "Half"})
  void normsDifferInTheLastBitOnly(ScalarType type) {
    double step = type == ScalarType.Float ? 0x1p-21 : type == ScalarType.Half ? 0x1p-9 : 0x1p-6;
    try (PointerScope scope = new PointerScope()) {
      Tensor rows = random(type, 500, 1030);
      Tensor weight = random(type, 1030);
      Tensor exact = inDoublePrecision(rows, weight);
      Tensor expected = LIBTORCH.norm(rows, weight, EPSILON);
      for (RowMath math : kernels()) {
        Tensor normed = math.norm(rows, weight, EPSILON);
        assertTrue(normed.allclose(expected, step, 0, false), math::toString);
        if (type != ScalarType.Float) {
          long others = normed.ne(expected).sum().item_long();
          assertTrue(others < rows.numel() / 500, () -> others + " others with " + math);
        }
        assertTrue(error(normed, exact) <= 1.01 * error(expected, exact), math::toString);
      }
    }
  }

  private static Tensor inDoublePrecision(Tensor rows, Tensor weight) {
    Tensor wide = rows.to(ScalarType.Double);
    Tensor mean = wide.pow(new Scalar(2)).mean(new long[] {-1}, true, new ScalarTypeOptional());
    return wide.mul(torch.rsqrt(mean.add_(new Scalar(EPSILON)))).mul_(weight.to(ScalarType.Double));
  }

  /** Root mean square of the error. */
  private static double error(Tensor normed, Tensor exact) {
    return Math.sqrt(
        normed.to(ScalarType.Double).sub_(exact).pow(new Scalar(2)).mean().item_double());
  }

  @ParameterizedTest
  @EnumSource(names = {"Float", "BFloat16", "Half"})
  void sumsAreTheSameBitsAndNormedAsTheyAre(ScalarType type) {
    try (PointerScope scope = new PointerScope()) {
      Tensor added = random(type, 70, 513);
      Tensor weight = random(type, 513);
      Tensor before = random(type, 70, 513);
      Tensor sum = before.add(added);
      for (RowMath math : kernels()) {
        Tensor rows = before.clone();
        Tensor normed = math.normOfSum(rows, added, weight, EPSILON);
        assertTrue(rows.equal(sum), math::toString);
        assertTrue(normed.equal(math.norm(sum, weight, EPSILON)), math::toString);
      }
    }
  }

  @Test
  void rowsAreTheSameAtEveryLevelAndAlone() {
    try (PointerScope scope = new PointerScope()) {
      Tensor heads = random(ScalarType.BFloat16, 300, 4, 96).transpose(0, 1);
      Tensor weight = random(ScalarType.BFloat16, 96);
      Tensor expected = kernels(InstructionSet.BASELINE).norm(heads, weight, EPSILON);
      assertEquals(heads.stride(1), expected.stride(1));
      for (RowMath math : kernels()) {
        assertTrue(math.norm(heads, weight, EPSILON).equal(expected), math::toString);
        Tensor alone = math.norm(heads.narrow(1, 77, 1), weight, EPSILON);
        assertTrue(alone.equal(expected.narrow(1, 77, 1)), math::toString);
      }
    }
  }
}
