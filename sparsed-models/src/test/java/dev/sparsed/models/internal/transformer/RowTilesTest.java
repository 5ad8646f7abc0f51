package dev.sparsed.models.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** LibTorch's norms and rotary embedding give the same bits however many rows there are. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class RowTilesTest {

  private static final RowMath MATH = new LibTorchRows();

  @BeforeAll
  static void load() {
    TorchRuntime.require();
  }

  private static Tensor random(ScalarType type, long... sizes) {
    return torch.randn(sizes).to(type);
  }

  /** The published formula over all rows at once. */
  private static Tensor formula(Tensor rows, Tensor weight, double epsilon) {
    Tensor wide = rows.to(ScalarType.Float);
    Tensor variance = wide.pow(new Scalar(2)).mean(new long[] {-1}, true, new ScalarTypeOptional());
    Tensor scale = torch.rsqrt(variance.add_(new Scalar(epsilon)));
    return wide.mul(scale).to(rows.scalar_type()).mul_(weight);
  }

  @ParameterizedTest
  @EnumSource(names = {"Float", "BFloat16"})
  void normsAreThoseOfAllRowsAtOnce(ScalarType type) {
    try (PointerScope scope = new PointerScope()) {
      Tensor rows = random(type, 300, 1027);
      Tensor weight = random(type, 1027);
      Tensor expected = formula(rows, weight, 1e-6);
      assertTrue(MATH.norm(rows, weight, 1e-6).equal(expected));

      Tensor heads = random(type, 700, 8, 128).transpose(0, 1);
      Tensor ofHead = random(type, 128);
      Tensor normed = MATH.norm(heads, ofHead, 1e-6);
      assertTrue(normed.equal(formula(heads, ofHead, 1e-6)));
      assertEquals(heads.stride(1), normed.stride(1));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Float", "BFloat16"})
  void tokensTurnAsTheyDoAlone(ScalarType precision) {
    int length = 700;
    Rotary rotary = Rotary.of(10_000);
    try (PointerScope scope = new PointerScope();
        Device cpu = TorchRuntime.cpu();
        RotaryTable table =
            RotaryTable.of(
                new RotaryFrequencies(rotary, 96, length),
                Positions.range(0, length),
                precision,
                cpu,
                MATH)) {
      Tensor heads = random(ScalarType.BFloat16, length, 6, 128).transpose(0, 1);
      Tensor together = torch.empty_like(heads);
      table.rotate(heads, 0, together);
      List<Integer> others = new ArrayList<>();
      for (int token = 0; token < length; token++) {
        Tensor alone = torch.empty_like(heads.narrow(1, token, 1));
        table.rotate(heads.narrow(1, token, 1), token, alone);
        if (!together.narrow(1, token, 1).equal(alone)) {
          others.add(token);
        }
      }
      assertEquals(List.of(), others);
    }
  }

  @Test
  void noRowsAreNoWork() {
    try (PointerScope scope = new PointerScope();
        Device cpu = TorchRuntime.cpu()) {
      Tensor none = random(ScalarType.Float, 0, 16);
      Tensor weight = random(ScalarType.Float, 16);
      for (RowMath math : List.of(MATH, WeightProducts.fastest(OptionalInt.of(1)).rowMath(cpu))) {
        assertEquals(0, math.norm(none, weight, 1e-6).numel());
        assertEquals(0, math.normOfSum(none, none.clone(), weight, 1e-6).numel());
      }
    }
  }
}
