package dev.sparsed.models.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.internal.checkpoint.Quantizer;
import dev.sparsed.models.internal.torch.HostArrays;
import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products by whatever is fastest here equal LibTorch's in float32, rounded once. */
@SuppressWarnings("try")
final class WeightProductsTest {

  @ParameterizedTest
  @CsvSource({"1,8,5", "7,33,65", "64,300,130", "65,1000,70", "3,4096,410", "0,8,5"})
  void equalTheFloat32Product(int tokens, int inputs, int outputs) {
    torch.manual_seed(tokens);
    try (PointerScope scope = new PointerScope()) {
      Tensor rows = torch.randn(tokens, inputs);
      Tensor weight = torch.randn(outputs, inputs);
      Tensor bias = torch.randn(outputs);
      for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.BFloat16}) {
        check(rows.to(type), weight.to(type), null, type);
        check(rows.to(type), weight.to(type), bias.to(type), type);
        // A transposed view: the elements of a row lie apart.
        check(rows.t().contiguous().t().to(type), weight.to(type), bias.to(type), type);
      }
    }
  }

  private static void check(Tensor rows, Tensor weight, @Nullable Tensor bias, ScalarType type) {
    Matrix matrix = WeightProducts.fastest(OptionalInt.of(2)).matrix(weight.clone());
    Tensor product = matrix.multiply(rows, bias);

    assertEquals(type, product.scalar_type().intern());
    assertArrayEquals(new long[] {rows.size(0), weight.size(0)}, product.shape());
    Tensor wideRows = rows.to(ScalarType.Float);
    Tensor wideWeight = weight.to(ScalarType.Float);
    Tensor exact =
        bias == null
            ? torch.linear(wideRows, wideWeight)
            : torch.linear(wideRows, wideWeight, new TensorOptional(bias.to(ScalarType.Float)));
    float[] expected = HostArrays.toFloats(exact);
    float[] actual = HostArrays.toFloats(product.to(ScalarType.Float));
    for (int i = 0; i < expected.length; i++) {
      // Half a unit of bf16's eight bits, and sums in another order.
      double rounding = type == ScalarType.Float ? 0 : Math.abs(expected[i]) / 256;
      assertEquals(expected[i], actual[i], rounding + 1e-3);
    }
    int[] ids = {(int) weight.size(0) - 1, 0, (int) weight.size(0) / 2};
    try (Device cpu = new Device(DeviceType.CPU)) {
      Tensor chosen = matrix.rows(HostArrays.toTensor(ids, cpu));
      for (int i = 0; i < ids.length; i++) {
        assertTrue(chosen.select(0, i).equal(weight.select(0, ids[i])));
      }
    }
    matrix.close();
  }

  /** Of matrices in every form, parts that begin where a panel does, and others. */
  @ParameterizedTest
  @CsvSource({"0,16", "16,20", "32,48", "7,30", "79,1"})
  void partsGiveTheWholesOutputs(int first, int count) {
    torch.manual_seed(first);
    try (PointerScope scope = new PointerScope();
        Device cpu = new Device(DeviceType.CPU)) {
      Tensor rows = torch.randn(9, 96).to(ScalarType.BFloat16);
      Tensor weight = torch.randn(80, 96).to(ScalarType.BFloat16);
      List<WeightProducts> all =
          List.of(WeightProducts.byLibTorch(), WeightProducts.fastest(OptionalInt.of(2)));
      for (WeightProducts products : all) {
        List<Matrix> forms =
            List.of(
                products.matrix(weight.clone()),
                products.matrix(
                    Quantizer.quantize(weight, WeightFormat.Q8), ScalarType.BFloat16, cpu),
                products.matrix(
                    Quantizer.quantize(weight, WeightFormat.Q4), ScalarType.BFloat16, cpu));
        for (Matrix whole : forms) {
          try (whole;
              Matrix part = whole.part(first, count)) {
            Tensor expected = whole.multiply(rows, null).narrow(1, first, count);
            assertTrue(part.multiply(rows, null).allclose(expected, 1e-2, 1e-2, false));
          }
        }
      }
    }
  }
}
