package dev.sparsed.eval.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.cpu.CpuProduct;
import dev.sparsed.cpu.CpuTensor;
import dev.sparsed.cpu.PackedWeights;
import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToIntFunction;
import org.bytedeco.javacpp.BytePointer;

/**
 * The weights that {@link ProductBenchmark} knows: {@code bf16}, {@code q8} and {@code q4} are
 * packed, {@code rows} are bf16 as files store them, transposed anew by every product.
 */
final class ProductWeights {

  private static final String ROWS = "rows";

  private static final ImmutableMap<String, WeightFormat> PACKED =
      ImmutableMap.of("bf16", WeightFormat.BFLOAT16, "q8", WeightFormat.Q8, "q4", WeightFormat.Q4);

  private ProductWeights() {}

  static void check(String name) {
    checkArgument(
        PACKED.containsKey(name) || name.equals(ROWS),
        "weights are bf16, q8, q4 or rows but not %s",
        name);
  }

  /** Several matrices, one of which each product multiplies by, in turn. */
  static final class Matrices implements AutoCloseable {

    private final List<BytePointer> memory = new ArrayList<>();
    private final List<Multiplication> products = new ArrayList<>();
    private final long bytes;
    private int next;

    private Matrices(long bytes) {
      this.bytes = bytes;
    }

    /** Memory of one matrix. */
    long bytes() {
      return bytes;
    }

    void multiply(CpuProduct product, CpuTensor rows, CpuTensor output) {
      products.get(next).run(product, rows, output);
      next = (next + 1) % products.size();
    }

    private BytePointer allocate(long size) {
      BytePointer piece = new BytePointer(size);
      memory.add(piece);
      return piece;
    }

    @Override
    public void close() {
      memory.forEach(BytePointer::close);
    }
  }

  private interface Multiplication {
    void run(CpuProduct product, CpuTensor rows, CpuTensor output);
  }

  /**
   * Random matrices.
   *
   * @param copies how many there are, by the bytes of one
   */
  static Matrices of(String name, int outputs, int inputs, LongToIntFunction copies) {
    WeightFormat format = PACKED.get(name);
    try (BytePointer numbers = ProductBenchmark.random((long) outputs * inputs)) {
      if (format == null) {
        long bytes = numbers.capacity();
        Matrices rows = new Matrices(bytes);
        for (int i = 0; i < copies.applyAsInt(bytes); i++) {
          BytePointer copy = rows.allocate(bytes);
          BytePointer.memcpy(copy, numbers, bytes);
          CpuTensor matrix =
              CpuTensor.contiguous(copy, ElementType.BFLOAT16, 1, 1, outputs, inputs);
          rows.products.add(
              (product, left, output) -> product.multiply(left, matrix, null, output));
        }
        return rows;
      }
      long panels = PackedWeights.panelBytes(format, outputs, inputs);
      long scales = format.isQuantized() ? PackedWeights.scaleBytes(outputs, inputs) : 0;
      Matrices packed = new Matrices(panels + scales);
      for (int i = 0; i < copies.applyAsInt(panels + scales); i++) {
        BytePointer panel = packed.allocate(panels);
        PackedWeights.pack(format, outputs, inputs, numbers, panel);
        BytePointer scale = format.isQuantized() ? packed.allocate(scales) : null;
        if (scale != null) {
          for (long at = 0; at < scales; at += Short.BYTES) {
            scale.putShort(at, (short) 0x3c00);
          }
        }
        PackedWeights matrix = PackedWeights.of(format, outputs, inputs, panel, scale);
        packed.products.add(
            (product, left, output) -> product.multiply(left, matrix, null, output));
      }
      return packed;
    }
  }
}
