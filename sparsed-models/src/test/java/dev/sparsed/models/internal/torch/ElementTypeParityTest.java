package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sparsed.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Core's rounding against LibTorch's. */
class ElementTypeParityTest {

  private static short bits(ElementType type, float value) {
    ByteBuffer buffer = ByteBuffer.allocate(Short.BYTES);
    type.put(buffer, value);
    return buffer.getShort(0);
  }

  @Test
  void roundsAsLibTorchDoes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    float[] values = new float[1 << 16];
    for (int i = 0; i < values.length; i++) {
      float any = Float.intBitsToFloat(random.nextInt());
      values[i] =
          Float.isNaN(any)
              ? 0
              : i % 2 == 0
                  ? any
                  : (float) (random.nextGaussian() * Math.pow(2, random.nextInt(40) - 28));
    }
    try (Tensor tensor = torch.tensor(values);
        Tensor half = tensor.to(ScalarType.Half);
        Tensor bfloat16 = tensor.to(ScalarType.BFloat16);
        Tensor halfBits = half.view(ScalarType.Short);
        Tensor bfloat16Bits = bfloat16.view(ScalarType.Short)) {
      for (int i = 0; i < values.length; i++) {
        String what = values[i] + ", seed " + seed;
        assertEquals(halfBits.data_ptr_short().get(i), bits(ElementType.FLOAT16, values[i]), what);
        assertEquals(
            bfloat16Bits.data_ptr_short().get(i), bits(ElementType.BFLOAT16, values[i]), what);
      }
    }
  }
}
