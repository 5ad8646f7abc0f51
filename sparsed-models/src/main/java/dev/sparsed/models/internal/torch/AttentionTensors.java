package dev.sparsed.models.internal.torch;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.TensorReader;
import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import java.util.Arrays;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Reads attention's tensors before anything native sees them: defined, four dimensions, an element
 * type and a device that attention is computed with.
 */
public final class AttentionTensors implements TensorReader<Tensor> {

  /** The reader of all backends over LibTorch's tensors. */
  public static final AttentionTensors READER = new AttentionTensors();

  private static final String PROCESSOR = "the processor";

  private AttentionTensors() {}

  @Override
  public TensorForm form(@Nullable Tensor tensor) {
    checkArgument(tensor != null && !tensor.isNull() && tensor.defined(), "it is undefined");
    ElementType type = type(tensor);
    checkArgument(
        tensor.is_cpu() || tensor.is_cuda(), "it must be on a processor or an NVIDIA card");
    long[] sizes = tensor.shape();
    checkArgument(
        sizes.length == 4 && Arrays.stream(sizes).allMatch(n -> n >= 1 && n <= Integer.MAX_VALUE),
        "it must be [batch, heads, tokens, head dimension] but is %s",
        Arrays.toString(sizes));
    return new TensorForm(type, (int) sizes[0], (int) sizes[1], (int) sizes[2], (int) sizes[3]);
  }

  @Override
  public Object place(Tensor tensor) {
    if (!tensor.is_cuda()) {
      return PROCESSOR;
    }
    try (Device device = tensor.device()) {
      return "card " + device.index();
    }
  }

  /**
   * Format of a tensor's elements.
   *
   * @param tensor a tensor
   * @return the format
   * @throws IllegalArgumentException if attention is not computed over tensors of its dtype
   */
  static ElementType type(Tensor tensor) {
    return switch (tensor.scalar_type().intern()) {
      case Float -> ElementType.FLOAT32;
      case BFloat16 -> ElementType.BFLOAT16;
      case Half -> ElementType.FLOAT16;
      default ->
          throw new IllegalArgumentException(
              "it must be float32, bfloat16 or float16 but is " + tensor.scalar_type().intern());
    };
  }
}
