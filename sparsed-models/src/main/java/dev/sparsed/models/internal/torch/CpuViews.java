package dev.sparsed.models.internal.torch;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.cpu.CpuTensor;
import dev.sparsed.internal.MemorySpan;
import dev.sparsed.tensor.TensorForm;
import dev.sparsed.tensor.TensorLayout;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** LibTorch's tensors in processor memory as the CPU kernels read them, without copies. */
public final class CpuViews {

  private CpuViews() {}

  /**
   * The tensor itself, unless the elements of its last dimension are apart.
   *
   * @param tensor a tensor
   * @return the tensor, or a copy attached to the scope around the call
   */
  public static Tensor contiguousRows(Tensor tensor) {
    long last = tensor.dim() - 1;
    return tensor.stride(last) == 1 || tensor.size(last) == 1 ? tensor : tensor.contiguous();
  }

  /**
   * A view of a tensor's memory, which the tensor must outlive.
   *
   * @param tensor a float32 or bf16 tensor of one to four dimensions, none of them empty, whose
   *     last one is contiguous; missing dimensions in front count as 1
   * @return the view
   * @throws IllegalArgumentException if the tensor is on another device, of another dtype, has none
   *     or more than four dimensions, is empty or has gaps in its last dimension
   */
  public static CpuTensor of(Tensor tensor) {
    ScalarType type = tensor.scalar_type().intern();
    checkArgument(
        type == ScalarType.Float || type == ScalarType.BFloat16,
        "the CPU kernels read float32 and bf16 but the tensor is of %s",
        type);
    TensorLayout layout = layout(tensor);
    Pointer memory = tensor.data_ptr();
    return CpuTensor.of(memory.capacity(layout.span() * layout.form().type().bytes()), layout);
  }

  /**
   * A tensor's memory, for kernels that compute row by row; the tensor must outlive it.
   *
   * @param name what messages call it, with its article
   * @param tensor as above; float16 too
   * @return the memory
   * @throws IllegalArgumentException as above
   */
  public static MemorySpan span(String name, Tensor tensor) {
    TensorLayout layout = layout(tensor);
    return new MemorySpan(name, tensor.data_ptr().address(), layout);
  }

  private static TensorLayout layout(Tensor tensor) {
    checkReadable(tensor);
    int missing = 4 - (int) tensor.dim();
    long[] sizes = {1, 1, 1, 1};
    long[] strides = {0, 0, 0, 0};
    for (int i = missing; i < 4; i++) {
      sizes[i] = tensor.size((long) i - missing);
      strides[i] = tensor.stride((long) i - missing);
    }
    TensorForm form =
        new TensorForm(
            AttentionTensors.type(tensor),
            Math.toIntExact(sizes[0]),
            Math.toIntExact(sizes[1]),
            Math.toIntExact(sizes[2]),
            Math.toIntExact(sizes[3]));
    return new TensorLayout(form, strides[0], strides[1], strides[2]);
  }

  private static void checkReadable(Tensor tensor) {
    checkArgument(tensor.is_cpu(), "the CPU kernels cannot read a tensor on another device");
    long dimensions = tensor.dim();
    checkArgument(
        dimensions >= 1 && dimensions <= 4,
        "the tensor must have one to four dimensions but has %s",
        dimensions);
    checkArgument(tensor.numel() > 0, "the tensor has no elements");
    long last = dimensions - 1;
    checkArgument(
        tensor.stride(last) == 1 || tensor.size(last) == 1,
        "the elements of the tensor's last dimension are %s apart; see contiguousRows",
        tensor.stride(last));
  }
}
