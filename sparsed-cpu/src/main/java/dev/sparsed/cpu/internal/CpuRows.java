package dev.sparsed.cpu.internal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import org.jspecify.annotations.Nullable;

/**
 * What a model's layers compute row by row besides products and attention, in native memory: root
 * mean square norms and rotary embedding. One pass over memory, in float32, rounded where the
 * published formulas round.
 *
 * <p>Tensors are [1, heads, tokens, width] with any strides along heads and tokens, of float32,
 * bf16 or float16; rows of a matrix are those of one head. They are told as {@link MemorySpan}s,
 * whose memory the caller keeps allocated and reachable during a call, as large as the layout says.
 * All else is checked before native code runs. Immutable and safe to use from several threads. A
 * row of a result depends on its own row alone, to the last bit: not on the instruction set, not on
 * the number of threads and not on what other rows there are.
 */
public final class CpuRows {

  private final InstructionSet level;
  private final int threads;

  private CpuRows(InstructionSet level, int threads) {
    this.level = level;
    this.threads = threads;
  }

  /**
   * Kernels with an instruction set and a number of threads.
   *
   * @param level one of {@link CpuKernels#instructionSets}
   * @param threads threads per call at most, the caller's among them; 1 to 1024
   * @return the kernels
   * @throws IllegalArgumentException if an argument is out of its range, or there are no kernels
   */
  public static CpuRows of(InstructionSet level, int threads) {
    checkArgument(
        CpuKernels.instructionSets().contains(level),
        "instruction set %s is not to be had here; there is %s",
        level,
        CpuKernels.instructionSets());
    KernelValues.requireThreads(threads);
    return new CpuRows(level, threads);
  }

  /**
   * Norms rows: {@code x / sqrt(mean(x^2) + epsilon)}, rounded to the element type, times the
   * weight. Squares are summed in 32 partial sums, which are added in pairs.
   *
   * @param rows [1, heads, tokens, width]
   * @param weight [1, 1, 1, width], of the rows' type
   * @param epsilon what is added to the mean square; not negative
   * @param result where the normed rows go, as the rows; must not share memory with the others
   * @throws IllegalArgumentException if the tensors do not fit together
   */
  public void norm(MemorySpan rows, MemorySpan weight, double epsilon, MemorySpan result) {
    norm(rows, null, weight, epsilon, result);
  }

  /**
   * Adds to rows in place, rounding to the element type, and norms the sums.
   *
   * @param rows [1, heads, tokens, width]; must not share memory with the others
   * @param addend what is added, as the rows
   * @param weight [1, 1, 1, width], of the rows' type
   * @param epsilon what is added to the mean square; not negative
   * @param result where the normed sums go, as the rows; must not share memory with the others
   * @throws IllegalArgumentException if the tensors do not fit together
   */
  public void normOfSum(
      MemorySpan rows, MemorySpan addend, MemorySpan weight, double epsilon, MemorySpan result) {
    TensorForm form = rows.layout().form();
    checkArgument(
        addend.layout().form().equals(form), "%s are %s but %s", addend.name(), addend, rows);
    checkMemory(addend);
    rows.requireWritable(addend, weight);
    result.requireWritable(addend);
    norm(rows, addend, weight, epsilon, result);
  }

  private void norm(
      MemorySpan rows,
      @Nullable MemorySpan addend,
      MemorySpan weight,
      double epsilon,
      MemorySpan result) {
    TensorForm form = rowsAndResult(rows, result);
    checkArgument(
        weight.layout().form().equals(new TensorForm(form.type(), 1, 1, 1, form.headDimension())),
        "%s must be one row of the width and type of %s but is %s",
        weight.name(),
        rows,
        weight);
    checkArgument(
        epsilon >= 0 && epsilon <= Float.MAX_VALUE,
        "epsilon must be a number from 0 on but is %s",
        epsilon);
    checkMemory(weight);
    result.requireWritable(rows, weight);
    try (NativeRows.Norm call = new NativeRows.Norm()) {
      call.level(KernelValues.code(level));
      call.elementType(KernelValues.code(form.type()));
      call.threads(threads);
      call.heads(form.heads());
      call.tokens(form.length());
      call.width(form.headDimension());
      call.epsilon((float) epsilon);
      call.source(rows.address());
      call.sourceHeadStride(rows.layout().headStride());
      call.sourceTokenStride(rows.layout().tokenStride());
      call.addend(addend == null ? 0 : addend.address());
      call.addendHeadStride(addend == null ? 0 : addend.layout().headStride());
      call.addendTokenStride(addend == null ? 0 : addend.layout().tokenStride());
      call.weight(weight.address());
      call.target(result.address());
      call.targetHeadStride(result.layout().headStride());
      call.targetTokenStride(result.layout().tokenStride());
      checkStatus(NativeRows.norm(call));
    }
  }

  /**
   * Rotates heads: elements i and i + P of a row turn by the angle of the row's token and of i, for
   * i below P; those from 2 P on are copied. Products and sums are rounded to the table's type, the
   * results to the heads'.
   *
   * @param heads [1, heads, tokens, D]
   * @param cosines [1, 1, tokens, P], of float32 or the heads' type; 2 P is at most D
   * @param sines as the cosines
   * @param result where the rotated heads go, as the heads; must not share memory with the others
   * @throws IllegalArgumentException if the tensors do not fit together
   */
  public void rotate(MemorySpan heads, MemorySpan cosines, MemorySpan sines, MemorySpan result) {
    TensorForm form = rowsAndResult(heads, result);
    TensorForm table = cosines.layout().form();
    checkArgument(
        table.batch() == 1
            && table.heads() == 1
            && table.length() == form.length()
            && 2L * table.headDimension() <= form.headDimension()
            && (table.type() == ElementType.FLOAT32 || table.type() == form.type()),
        "%s are no table of the angles of %s: %s",
        cosines.name(),
        heads,
        cosines);
    checkArgument(
        sines.layout().form().equals(table), "%s are %s but %s", sines.name(), sines, cosines);
    checkMemory(cosines);
    checkMemory(sines);
    result.requireWritable(heads, cosines, sines);
    try (NativeRows.Rotation call = new NativeRows.Rotation()) {
      call.level(KernelValues.code(level));
      call.elementType(KernelValues.code(form.type()));
      call.tableType(KernelValues.code(table.type()));
      call.threads(threads);
      call.heads(form.heads());
      call.tokens(form.length());
      call.width(form.headDimension());
      call.pairs(table.headDimension());
      call.source(heads.address());
      call.sourceHeadStride(heads.layout().headStride());
      call.sourceTokenStride(heads.layout().tokenStride());
      call.cosines(cosines.address());
      call.sines(sines.address());
      call.cosineStride(cosines.layout().tokenStride());
      call.sineStride(sines.layout().tokenStride());
      call.target(result.address());
      call.targetHeadStride(result.layout().headStride());
      call.targetTokenStride(result.layout().tokenStride());
      checkStatus(NativeRows.rotate(call));
    }
  }

  private static TensorForm rowsAndResult(MemorySpan rows, MemorySpan result) {
    TensorForm form = rows.layout().form();
    checkArgument(
        form.batch() == 1, "%s must be [1, heads, tokens, width] but are %s", rows.name(), rows);
    checkArgument(
        result.layout().form().equals(form),
        "%s is not that of %s: %s",
        result.name(),
        rows,
        result);
    checkMemory(rows);
    checkMemory(result);
    return form;
  }

  private static void checkMemory(MemorySpan tensor) {
    int bytes = tensor.layout().form().type().bytes();
    checkArgument(tensor.address() > 0, "the memory of %s is null", tensor.name());
    checkArgument(
        tensor.address() % bytes == 0,
        "the address of %s, %s, is not aligned to its elements of %s bytes",
        tensor.name(),
        tensor.address(),
        bytes);
    checkArgument(
        tensor.layout().span() <= (Long.MAX_VALUE - tensor.address()) / bytes,
        "%s reach beyond the address space: %s",
        tensor.name(),
        tensor.layout());
  }

  private void checkStatus(int status) {
    if (status != 0) {
      throw new IllegalStateException("the kernel library refused instruction set " + level);
    }
  }
}
