package dev.sparsed.cpu;

import dev.sparsed.attention.TestTensors;
import dev.sparsed.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/** Random weights, packed, and the numbers that they stand for. */
final class RandomWeights implements AutoCloseable {
  final float[] values;
  final PackedWeights packed;
  final @Nullable NativeTensor rows;
  private final BytePointer panels;
  private final @Nullable BytePointer scales;

  RandomWeights(WeightFormat format, int outputs, int inputs, Random random) {
    panels = memory(PackedWeights.panelBytes(format, outputs, inputs));
    if (format == WeightFormat.BFLOAT16) {
      rows = NativeTensor.contiguous(ElementType.BFLOAT16, 1, 1, outputs, inputs);
      rows.upload(TestTensors.normal(random, 1, 1, outputs, inputs));
      values = rows.download().data();
      scales = null;
      try (BytePointer source = bytes(values, ElementType.BFLOAT16)) {
        PackedWeights.pack(format, outputs, inputs, source, panels);
      }
    } else {
      rows = null;
      values = new float[outputs * inputs];
      float[] scale = new float[values.length / WeightFormat.GROUP];
      byte[] numbers = new byte[values.length * format.bits() / 8];
      for (int i = 0; i < values.length; i++) {
        if (i % WeightFormat.GROUP == 0) {
          // At most five significant bits.
          scale[i / WeightFormat.GROUP] =
              (16 + random.nextInt(16)) * (random.nextBoolean() ? 0x1p-12f : -0x1p-9f);
        }
        boolean bytes = format == WeightFormat.Q8;
        int q = bytes ? random.nextInt(255) - 127 : random.nextInt(16) - 8;
        values[i] = q * scale[i / WeightFormat.GROUP];
        if (bytes) {
          numbers[i] = (byte) q;
        } else {
          numbers[i / 2] |= (byte) ((q + 8) << (i % 2 * 4));
        }
      }
      scales = memory(PackedWeights.scaleBytes(outputs, inputs));
      try (BytePointer source = new BytePointer(numbers);
          BytePointer scaleSource = bytes(scale, ElementType.BFLOAT16)) {
        PackedWeights.pack(format, outputs, inputs, source, panels);
        PackedWeights.packScales(outputs, inputs, scaleSource, scales);
      }
    }
    packed = PackedWeights.of(format, outputs, inputs, panels, scales);
  }

  private static BytePointer memory(long bytes) {
    BytePointer memory = new BytePointer(bytes);
    BytePointer.memset(memory, -1, bytes);
    return memory;
  }

  private static BytePointer bytes(float[] values, ElementType type) {
    BytePointer memory = new BytePointer((long) values.length * type.bytes());
    ByteBuffer buffer = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    for (float value : values) {
      type.put(buffer, value);
    }
    return memory;
  }

  @Override
  public void close() {
    panels.close();
    if (scales != null) {
      scales.close();
    }
    if (rows != null) {
      rows.close();
    }
  }
}
