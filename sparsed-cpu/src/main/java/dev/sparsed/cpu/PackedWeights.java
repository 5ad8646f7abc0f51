package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.IntMath;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import java.lang.ref.Reference;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a linear layer in the order in which the loops of {@link CpuProduct} read them,
 * the same for every instruction set: panels of 16 outputs, {@code [words][16 outputs]} each, a
 * word being 32 bits of one output's row. Packed once, while a model is loaded; the rows that they
 * were packed from are needed no more.
 *
 * <p>A view of native memory that the caller owns and keeps. Immutable, and safe to use from
 * several threads.
 */
public final class PackedWeights {

  /** Outputs of a panel. */
  public static final int PANEL = 16;

  private final WeightFormat format;
  private final int outputs;
  private final int inputs;
  private final Pointer panels;
  private final @Nullable Pointer scales;

  private PackedWeights(
      WeightFormat format, int outputs, int inputs, Pointer panels, @Nullable Pointer scales) {
    this.format = format;
    this.outputs = outputs;
    this.inputs = inputs;
    this.panels = panels;
    this.scales = scales;
  }

  /**
   * A view of packed weights.
   *
   * @param format their format
   * @param outputs rows, at least 1
   * @param inputs columns, at least 1; of quantized weights a multiple of 32
   * @param panels what {@link #pack} wrote, at least {@link #panelBytes}
   * @param scales what {@link #packScales} wrote, at least {@link #scaleBytes}; null exactly for
   *     bf16
   * @return the view
   * @throws IllegalArgumentException if a size is out of its range, or memory is missing or too
   *     small
   */
  public static PackedWeights of(
      WeightFormat format, int outputs, int inputs, Pointer panels, @Nullable Pointer scales) {
    checkSizes(format, outputs, inputs);
    checkMemory("panels", panels, panelBytes(format, outputs, inputs), Integer.BYTES);
    checkArgument(
        (scales != null) == format.isQuantized(),
        "weights of format %s have %s scales",
        format,
        format.isQuantized() ? "" : "no");
    if (scales != null) {
      checkMemory("scales", scales, scaleBytes(outputs, inputs), Short.BYTES);
    }
    return new PackedWeights(format, outputs, inputs, panels, scales);
  }

  /**
   * Memory of the panels.
   *
   * @param format the format
   * @param outputs rows
   * @param inputs columns
   * @return bytes
   */
  public static long panelBytes(WeightFormat format, int outputs, int inputs) {
    return (long) panels(outputs) * PANEL * format.words(inputs) * Integer.BYTES;
  }

  /**
   * Memory of the scales of quantized weights.
   *
   * @param outputs rows
   * @param inputs columns
   * @return bytes
   */
  public static long scaleBytes(int outputs, int inputs) {
    return (long) panels(outputs) * PANEL * WeightFormat.groups(inputs) * Short.BYTES;
  }

  /**
   * Packs rows of weights, with as many threads as the common pool has.
   *
   * @param format their format
   * @param outputs rows, at least 1
   * @param inputs columns, at least 1; of quantized weights a multiple of 32
   * @param rows the weights, row by row without gaps
   * @param target where the panels go, {@link #panelBytes}; must not share memory with the rows
   * @throws IllegalArgumentException if a size is out of its range, or memory is too small or
   *     shared
   * @throws IllegalStateException if the kernels are not available
   */
  public static void pack(
      WeightFormat format, int outputs, int inputs, Pointer rows, Pointer target) {
    checkSizes(format, outputs, inputs);
    pack(rows, format.rowBytes(inputs), outputs, Integer.BYTES, format.words(inputs), target);
  }

  /**
   * Packs the scales of quantized weights.
   *
   * @param outputs rows, at least 1
   * @param inputs columns of the weights, a multiple of 32
   * @param rows a bf16 scale per group of 32 columns, row by row without gaps
   * @param target where they go, {@link #scaleBytes}; must not share memory with the rows
   * @throws IllegalArgumentException if a size is out of its range, or memory is too small or
   *     shared
   * @throws IllegalStateException if the kernels are not available
   */
  public static void packScales(int outputs, int inputs, Pointer rows, Pointer target) {
    checkSizes(WeightFormat.Q8, outputs, inputs);
    int groups = WeightFormat.groups(inputs);
    pack(rows, (long) groups * Short.BYTES, outputs, Short.BYTES, groups, target);
  }

  private static void pack(
      Pointer rows, long rowBytes, int outputs, int unitBytes, int units, Pointer target) {
    CpuKernels.requireAvailable();
    long read = rowBytes * outputs;
    long written = (long) panels(outputs) * PANEL * units * unitBytes;
    checkMemory("rows", rows, read, 1);
    checkMemory("packed weights", target, written, unitBytes);
    long from = address(rows);
    long to = address(target);
    checkArgument(
        from + read <= to || to + written <= from, "the rows and their packed form share memory");
    try {
      IntStream.range(0, panels(outputs))
          .parallel()
          .forEach(
              panel ->
                  NativeKernels.pack(
                      from, rowBytes, outputs, unitBytes, units, panel, panel + 1, to));
    } finally {
      Reference.reachabilityFence(rows);
      Reference.reachabilityFence(target);
    }
  }

  private static void checkSizes(WeightFormat format, int outputs, int inputs) {
    checkArgument(outputs >= 1 && inputs >= 1, "weights [%s, %s] are empty", outputs, inputs);
    checkArgument(
        !format.isQuantized() || inputs % WeightFormat.GROUP == 0,
        "weights of format %s need inputs in groups of %s but have %s",
        format,
        WeightFormat.GROUP,
        inputs);
  }

  private static void checkMemory(String name, Pointer memory, long bytes, int alignment) {
    checkArgument(!memory.isNull(), "the memory of the %s is null or has been freed", name);
    long available = (memory.limit() - memory.position()) * memory.sizeof();
    checkArgument(available >= bytes, "the %s need %s bytes but have %s", name, bytes, available);
    checkArgument(
        address(memory) % alignment == 0,
        "the address of the %s is not aligned to %s bytes",
        name,
        alignment);
  }

  private static long address(Pointer memory) {
    return memory.address() + memory.position() * memory.sizeof();
  }

  private static int panels(int outputs) {
    return IntMath.divide(outputs, PANEL, RoundingMode.CEILING);
  }

  /**
   * The numbers.
   *
   * @return the format
   */
  public WeightFormat format() {
    return format;
  }

  /**
   * Rows.
   *
   * @return outputs
   */
  public int outputs() {
    return outputs;
  }

  /**
   * Columns.
   *
   * @return inputs
   */
  public int inputs() {
    return inputs;
  }

  long panelAddress() {
    return address(panels);
  }

  /** 0 where there are none. */
  long scaleAddress() {
    return scales == null ? 0 : address(scales);
  }

  /** The memory of the panels, and of the scales where there are any. */
  List<MemorySpan> spans() {
    MemorySpan words =
        span("the weights", panelAddress(), ElementType.FLOAT32, format.words(inputs));
    return scales == null
        ? List.of(words)
        : List.of(
            words,
            span(
                "the weights' scales",
                scaleAddress(),
                ElementType.BFLOAT16,
                WeightFormat.groups(inputs)));
  }

  private MemorySpan span(String name, long address, ElementType type, int units) {
    TensorForm form = new TensorForm(type, 1, 1, panels(outputs), PANEL * units);
    return new MemorySpan(name, address, TensorLayout.contiguous(form));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "PackedWeights[%s, %d, %d]", format, outputs, inputs);
  }
}
