package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.cpu.internal.KernelValues;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.tensor.TensorForm;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Products of matrices in native memory with the weights of linear layers: {@code output = rows
 * weights^T + bias}, with sums in float32 that are rounded once at the end. Weights are read where
 * and as they lie, and never copied as a whole, which with few rows would cost more than the
 * product; {@link PackedWeights} lie in the order in which they are read.
 *
 * <p>Matrices are {@link CpuTensor}s with one batch item and one head: [1, 1, rows, columns], of
 * one element type, float32 or bf16, with any stride along the rows. Everything is checked before
 * native code runs, as in {@link CpuAttention}, whose threads the calls share. Immutable and safe
 * to use from several threads. An output depends on its own row, the weights and the instruction
 * set alone: not on the number of threads and not on what other rows there are.
 */
public final class CpuProduct {

  private final InstructionSet level;
  private final int threads;

  private CpuProduct(InstructionSet level, int threads) {
    this.level = level;
    this.threads = threads;
  }

  /**
   * Products with an instruction set and a number of threads.
   *
   * @param level one of {@link CpuKernels#instructionSets}
   * @param threads threads per call at most, the caller's among them; 1 to 1024
   * @return the products
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws IllegalStateException if the kernels are not available
   */
  public static CpuProduct of(InstructionSet level, int threads) {
    CpuKernels.requireUsable(level);
    KernelValues.requireThreads(threads);
    return new CpuProduct(level, threads);
  }

  /**
   * Multiplies.
   *
   * @param rows [1, 1, rows, inputs]
   * @param weights [1, 1, outputs, inputs]
   * @param bias [1, 1, 1, outputs], added to each row; or null
   * @param output where the output goes, [1, 1, rows, outputs]; must not share memory with the
   *     others
   * @throws IllegalArgumentException if the matrices do not fit together
   * @throws OutOfMemoryError if there is no native memory for the packed rows, 64 MiB or 512 bytes
   *     per input, whichever is more
   */
  public void multiply(
      CpuTensor rows, CpuTensor weights, @Nullable CpuTensor bias, CpuTensor output) {
    TensorForm row = matrix("rows", rows);
    TensorForm weight = matrix("weights", weights);
    checkArgument(
        row.type() == weight.type() && row.headDimension() == weight.headDimension(),
        "rows %s and weights %s differ in type or inputs",
        rows,
        weights);
    multiply(
        rows,
        new Weights(
            weights,
            weight.length(),
            List.of(weights.span("the weights")),
            0,
            weights.address(),
            weights.layout().tokenStride(),
            0),
        bias,
        output);
  }

  /**
   * Multiplies by packed weights: of bf16, the same bits as by the weights that were packed.
   *
   * @param rows [1, 1, rows, inputs], of float32 or bf16
   * @param weights [outputs, inputs]
   * @param bias [1, 1, 1, outputs], of the rows' type, added to each row; or null
   * @param output where the output goes, [1, 1, rows, outputs], of the rows' type; must not share
   *     memory with the others
   * @throws IllegalArgumentException if the matrices do not fit together
   * @throws OutOfMemoryError as above
   */
  public void multiply(
      CpuTensor rows, PackedWeights weights, @Nullable CpuTensor bias, CpuTensor output) {
    checkArgument(
        matrix("rows", rows).headDimension() == weights.inputs(),
        "rows %s and weights %s differ in inputs",
        rows,
        weights);
    multiply(
        rows,
        new Weights(
            weights,
            weights.outputs(),
            weights.spans(),
            weights.format().code(),
            weights.panelAddress(),
            0,
            weights.scaleAddress()),
        bias,
        output);
  }

  /**
   * Weights of either kind, as native code is told them; what they are views of stays reachable.
   */
  private record Weights(
      Object owner,
      int outputs,
      List<MemorySpan> spans,
      int format,
      long address,
      long stride,
      long scales) {}

  private void multiply(
      CpuTensor rows, Weights weights, @Nullable CpuTensor bias, CpuTensor output) {
    TensorForm row = matrix("rows", rows);
    TensorForm result = matrix("output", output);
    int code = AttentionParameters.code(row.type());
    checkArgument(
        result.type() == row.type()
            && result.length() == row.length()
            && result.headDimension() == weights.outputs(),
        "output %s is not that of rows %s and weights %s",
        output,
        rows,
        weights.owner());
    MemorySpan written = output.span("the output");
    written.requireWritable(rows.span("the rows"));
    written.requireWritable(weights.spans().toArray(MemorySpan[]::new));
    if (bias != null) {
      TensorForm added = matrix("bias", bias);
      checkArgument(
          added.type() == row.type()
              && added.length() == 1
              && added.headDimension() == weights.outputs(),
          "bias %s is not one row for weights %s",
          bias,
          weights.owner());
      written.requireWritable(bias.span("the bias"));
    }
    try (Workspace workspace = Workspace.take()) {
      NativeKernels.Product call = workspace.product();
      call.level(KernelValues.code(level));
      call.elementType(code);
      call.weightFormat(weights.format());
      call.threads(threads);
      call.rows(row.length());
      call.inputs(row.headDimension());
      call.outputs(weights.outputs());
      call.left(rows.address());
      call.leftStride(rows.layout().tokenStride());
      call.weights(weights.address());
      call.weightStride(weights.stride());
      call.scales(weights.scales());
      call.bias(bias == null ? 0 : bias.address());
      call.output(output.address());
      call.outputStride(output.layout().tokenStride());
      CpuKernels.checkStatus(NativeKernels.product(call), level);
    } finally {
      Reference.reachabilityFence(rows);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(bias);
      Reference.reachabilityFence(output);
    }
  }

  private static TensorForm matrix(String name, CpuTensor tensor) {
    TensorForm form = tensor.layout().form();
    checkArgument(
        form.batch() == 1 && form.heads() == 1,
        "%s must be a matrix [1, 1, rows, columns] but are %s",
        name,
        tensor);
    return form;
  }
}
