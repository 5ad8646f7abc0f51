package dev.sparsed.models.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.models.torch.HostArrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try")
final class WidenedProductTest {

  // The last sizes need more than one strip, the last of them narrower.
  @ParameterizedTest
  @CsvSource({"1,8,5,true", "7,33,65,false", "3,4096,4100,true", "2,8192,2049,false"})
  void isTheFloat32ProductRoundedOnce(int tokens, int inputs, int outputs, boolean biased) {
    torch.manual_seed(tokens);
    try (PointerScope scope = new PointerScope()) {
      Tensor rows = torch.randn(tokens, inputs).to(ScalarType.BFloat16);
      Tensor weight = torch.randn(outputs, inputs).to(ScalarType.BFloat16);
      Tensor bias = biased ? torch.randn(outputs).to(ScalarType.BFloat16) : null;

      Tensor product = WidenedProduct.of(rows, weight, bias);

      assertEquals(ScalarType.BFloat16, product.scalar_type().intern());
      assertArrayEquals(new long[] {tokens, outputs}, product.shape());
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
        assertEquals(expected[i], actual[i], Math.abs(expected[i]) / 256 + 1e-3);
      }
    }
  }
}
