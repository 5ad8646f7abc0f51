package dev.sparsed.models.internal.transformer;

import dev.sparsed.cpu.CpuProduct;
import dev.sparsed.cpu.CpuTensor;
import dev.sparsed.cpu.PackedWeights;
import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.internal.checkpoint.QuantizedTensor;
import dev.sparsed.models.internal.torch.CpuViews;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.Scoped;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptionalList;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Weights in the order in which the CPU kernels read them ({@link PackedWeights}): the only copy,
 * from which an embedding's rows are gathered too. A row of products does not depend on which other
 * rows there are.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
final class PackedMatrix implements Matrix {

  private final CpuProduct kernels;
  private final PackedWeights weights;
  private final ScalarType dtype;
  private final Tensor panels;
  private final @Nullable Tensor scales;

  private PackedMatrix(
      CpuProduct kernels,
      PackedWeights weights,
      ScalarType dtype,
      Tensor panels,
      @Nullable Tensor scales) {
    this.kernels = kernels;
    this.weights = weights;
    this.dtype = dtype;
    this.panels = panels;
    this.scales = scales;
  }

  /**
   * Packs bf16 weights.
   *
   * @param weight contiguous [outputs, inputs] on the processor; stays the caller's
   */
  static PackedMatrix of(CpuProduct kernels, Tensor weight) {
    int inputs = Math.toIntExact(weight.size(1));
    return of(kernels, WeightFormat.BFLOAT16, inputs, weight, null, weight.scalar_type().intern());
  }

  /**
   * Packs quantized weights.
   *
   * @param weight on the processor; stays the caller's
   * @param dtype of the rows that are multiplied, float32 or bf16
   */
  static PackedMatrix of(CpuProduct kernels, QuantizedTensor weight, ScalarType dtype) {
    int inputs = Math.toIntExact(weight.inputs());
    return of(kernels, weight.format(), inputs, weight.numbers(), weight.scales(), dtype);
  }

  private static PackedMatrix of(
      CpuProduct kernels,
      WeightFormat format,
      int inputs,
      Tensor numbers,
      @Nullable Tensor factors,
      ScalarType dtype) {
    int outputs = Math.toIntExact(numbers.size(0));
    long count = (outputs + PackedWeights.PANEL - 1L) / PackedWeights.PANEL;
    long words = PackedWeights.panelBytes(format, outputs, inputs) / Integer.BYTES / count;
    Tensor panels =
        allocate(ScalarType.Int, count, words / PackedWeights.PANEL, PackedWeights.PANEL);
    Tensor scales =
        factors == null
            ? null
            : allocate(ScalarType.BFloat16, count, factors.size(1), PackedWeights.PANEL);
    PackedWeights.pack(format, outputs, inputs, memory(numbers), memory(panels));
    if (factors != null && scales != null) {
      PackedWeights.packScales(outputs, inputs, memory(factors), memory(scales));
    }
    return new PackedMatrix(
        kernels, view(format, outputs, inputs, panels, scales), dtype, panels, scales);
  }

  private static PackedWeights view(
      WeightFormat format, int outputs, int inputs, Tensor panels, @Nullable Tensor scales) {
    return PackedWeights.of(
        format, outputs, inputs, memory(panels), scales == null ? null : memory(scales));
  }

  /** Memory that no scope releases. */
  private static Tensor allocate(ScalarType type, long... sizes) {
    return Scoped.owned(
        () -> torch.empty(sizes, new TensorOptions(type), new MemoryFormatOptional()));
  }

  private static Pointer memory(Tensor tensor) {
    Pointer memory = tensor.data_ptr();
    return memory.capacity(tensor.nbytes());
  }

  @Override
  public Tensor multiply(Tensor rows, @Nullable Tensor bias) {
    return multiply(
        rows,
        weights.outputs(),
        (left, output) ->
            kernels.multiply(left, weights, bias == null ? null : CpuViews.of(bias), output));
  }

  /** Rows [tokens, outputs] that a product of the kernels writes. */
  static Tensor multiply(Tensor rows, long outputs, BiConsumer<CpuTensor, CpuTensor> product) {
    return Scoped.result(
        () -> {
          Tensor output =
              torch.empty(
                  new long[] {rows.size(0), outputs},
                  new TensorOptions(rows.scalar_type()),
                  new MemoryFormatOptional());
          if (rows.size(0) > 0) {
            product.accept(CpuViews.of(CpuViews.contiguousRows(rows)), CpuViews.of(output));
          }
          return output;
        });
  }

  @Override
  public Tensor rows(Tensor ids) {
    WeightFormat format = weights.format();
    return Scoped.result(
        () -> {
          Tensor words = gather(panels, ids);
          return scales == null
              ? words.view(ScalarType.BFloat16).narrow(1, 0, weights.inputs()).contiguous()
              : QuantizedTensor.dequantize(
                  format,
                  words.view(QuantizedTensor.numberType(format)),
                  gather(scales, ids),
                  dtype);
        });
  }

  /** Of whole panels a view; else the rows are packed anew. */
  @Override
  public Matrix part(int first, int count) {
    if (first % PackedWeights.PANEL == 0) {
      long from = first / PackedWeights.PANEL;
      long panelCount = (count + PackedWeights.PANEL - 1L) / PackedWeights.PANEL;
      Tensor some = Scoped.owned(() -> panels.narrow(0, from, panelCount));
      Tensor factors =
          scales == null ? null : Scoped.owned(() -> scales.narrow(0, from, panelCount));
      return new PackedMatrix(
          kernels,
          view(weights.format(), count, weights.inputs(), some, factors),
          dtype,
          some,
          factors);
    }
    try (PointerScope scope = new PointerScope();
        Device cpu = new Device(DeviceType.CPU)) {
      Tensor ids =
          HostArrays.toTensor(LongStream.range(first, (long) first + count).toArray(), cpu);
      WeightFormat format = weights.format();
      return scales == null
          ? of(kernels, rows(ids))
          : of(
              kernels,
              format,
              weights.inputs(),
              gather(panels, ids).view(QuantizedTensor.numberType(format)),
              gather(scales, ids),
              dtype);
    }
  }

  /** Of panels [panels, units, 16] the rows [n, units] of some outputs. */
  private static Tensor gather(Tensor panels, Tensor ids) {
    Scalar width = new Scalar(PackedWeights.PANEL);
    Tensor rows = ids.to(ScalarType.Long);
    Tensor lane = rows.remainder(width);
    Tensor panel = torch.floor_divide(rows, width);
    TensorOptionalList index = new TensorOptionalList();
    index.push_back(new TensorOptional(panel));
    index.push_back(new TensorOptional(lane));
    return panels.transpose(1, 2).index(index).contiguous();
  }

  @Override
  public long parameters() {
    return (long) weights.outputs() * weights.inputs();
  }

  @Override
  public long bytes() {
    return panels.nbytes() + (scales == null ? 0 : scales.nbytes());
  }

  @Override
  public void close() {
    panels.close();
    if (scales != null) {
      scales.close();
    }
  }
}
