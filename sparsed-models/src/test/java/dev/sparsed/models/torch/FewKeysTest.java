package dev.sparsed.models.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FewKeysTest {

  @ParameterizedTest
  @EnumSource(names = {"Half", "BFloat16", "Float"})
  @SuppressWarnings("try")
  void scoresThatAreNotNumbersStaySo(ScalarType type) {
    for (int length : new int[] {1, 2, 9, 15, 16, 33}) {
      try (PointerScope scope = new PointerScope()) {
        Tensor query = torch.randn(new long[] {1, 4, length, 32}, new TensorOptions());
        query.select(3, 0).fill_(new Scalar(Double.NaN));
        query = query.to(type);
        Tensor key = torch.randn(new long[] {1, 4, length, 32}, new TensorOptions()).to(type);
        Tensor output = TorchBackend.scaledDotProduct(query, key, key);
        assertEquals(4L * length * 32, output.isnan().sum().item_long(), "length " + length);
      }
    }
  }
}
