package dev.sparsed.cpu;

import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;

/** Elements of a product with packed weights by a plain loop in double precision. */
final class PlainProduct {

  private PlainProduct() {}

  /**
   * An element.
   *
   * @param sum its value
   * @param magnitude the sum of its terms' magnitudes
   * @param rounded what it can change by if inputs under 2^-7 of the largest of their group of 32
   *     are rounded to multiples of 2^-14 of the power of two below that one
   */
  record Element(double sum, double magnitude, double rounded) {

    /** How far a kernel's result may be from the sum. */
    double bound(InstructionSet level, ElementType type, WeightFormat format) {
      boolean narrow = type == ElementType.BFLOAT16;
      boolean quantized = narrow && format.isQuantized();
      // Tiles multiply pairs of bf16, to which they round what q8 stands for.
      boolean pairs = quantized && format == WeightFormat.Q8 && level == InstructionSet.AMX;
      boolean integers =
          quantized && level != InstructionSet.BASELINE && level != InstructionSet.AMX;
      return (narrow ? Math.abs(sum) * 0x1p-8 : 0)
          + magnitude * (pairs ? 0x1p-8 : 1e-6)
          + (integers ? rounded : 0);
    }
  }

  static Element of(FloatTensor left, int row, RandomWeights weights, int output, double bias) {
    int inputs = left.headDimension();
    double sum = bias;
    double magnitude = Math.abs(bias);
    double rounded = 0;
    for (int from = 0; from < inputs; from += WeightFormat.GROUP) {
      int to = Math.min(inputs, from + WeightFormat.GROUP);
      float top = 0;
      for (int i = from; i < to; i++) {
        top = Math.max(top, Math.abs(left.data()[row * inputs + i]));
      }
      double power = top == 0 || !Float.isFinite(top) ? 0 : Math.scalb(1.0, Math.getExponent(top));
      for (int i = from; i < to; i++) {
        double input = left.data()[row * inputs + i];
        double weight = weights.values[output * inputs + i];
        sum += input * weight;
        magnitude += Math.abs(input * weight);
        if (Math.abs(input) < power * 0x1p-7) {
          rounded += power * 0x1p-15 * Math.abs(weight);
        }
      }
    }
    return new Element(sum, magnitude, rounded);
  }
}
