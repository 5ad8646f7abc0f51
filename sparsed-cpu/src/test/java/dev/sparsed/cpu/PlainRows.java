package dev.sparsed.cpu;

import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import java.nio.ByteBuffer;

/**
 * What {@code CpuRows} promises, by plain loops in float32: the same operations in the same order.
 */
final class PlainRows {

  private static final int SUMS = 32;

  private PlainRows() {}

  static float rounded(ElementType type, float x) {
    ByteBuffer bytes = ByteBuffer.allocate(type.bytes());
    type.put(bytes, x);
    return type.get(bytes.flip());
  }

  static FloatTensor sum(ElementType type, FloatTensor rows, FloatTensor addend) {
    FloatTensor sum = like(rows);
    for (int i = 0; i < sum.data().length; i++) {
      sum.data()[i] = rounded(type, rows.data()[i] + addend.data()[i]);
    }
    return sum;
  }

  static FloatTensor norm(ElementType type, FloatTensor rows, FloatTensor weight, double epsilon) {
    FloatTensor normed = like(rows);
    int width = rows.headDimension();
    for (int at = 0; at < normed.data().length; at += width) {
      float[] sums = new float[SUMS];
      for (int i = 0; i < width; i++) {
        sums[i % SUMS] += rows.data()[at + i] * rows.data()[at + i];
      }
      for (int step = SUMS / 2; step > 0; step /= 2) {
        for (int i = 0; i < step; i++) {
          sums[i] += sums[i + step];
        }
      }
      float factor = 1 / (float) Math.sqrt(sums[0] / width + (float) epsilon);
      for (int i = 0; i < width; i++) {
        normed.data()[at + i] =
            rounded(type, rounded(type, rows.data()[at + i] * factor) * weight.data()[i]);
      }
    }
    return normed;
  }

  static FloatTensor rotated(
      ElementType type, ElementType table, FloatTensor heads, FloatTensor cos, FloatTensor sin) {
    FloatTensor rotated = like(heads);
    int pairs = cos.headDimension();
    for (int head = 0; head < heads.heads(); head++) {
      for (int token = 0; token < heads.length(); token++) {
        int at = heads.offset(0, head, token);
        System.arraycopy(heads.data(), at, rotated.data(), at, heads.headDimension());
        for (int i = 0; i < pairs; i++) {
          float x = heads.data()[at + i];
          float y = heads.data()[at + pairs + i];
          float c = cos.data()[token * pairs + i];
          float s = sin.data()[token * pairs + i];
          float left = rounded(table, rounded(table, x * c) - rounded(table, y * s));
          float right = rounded(table, rounded(table, y * c) + rounded(table, x * s));
          rotated.data()[at + i] = rounded(type, left);
          rotated.data()[at + pairs + i] = rounded(type, right);
        }
      }
    }
    return rotated;
  }

  private static FloatTensor like(FloatTensor rows) {
    return FloatTensor.zeros(rows.batch(), rows.heads(), rows.length(), rows.headDimension());
  }
}
