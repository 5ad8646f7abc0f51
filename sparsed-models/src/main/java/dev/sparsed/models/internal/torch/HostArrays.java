package dev.sparsed.models.internal.torch;

import dev.sparsed.models.torch.TorchRuntime;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Java arrays to tensors and back; the one place that reads and writes tensors' memory. */
@SuppressWarnings("try") // A PointerScope works by being open.
public final class HostArrays {

  private HostArrays() {}

  /**
   * Copies an array to a device.
   *
   * @param values the elements
   * @param device where to
   * @return an int32 tensor [n]
   */
  public static Tensor toTensor(int[] values, Device device) {
    return Scoped.result(() -> Tensor.create(values, values.length).to(device, ScalarType.Int));
  }

  /**
   * Copies an array to a device.
   *
   * @param values the elements
   * @param device where to
   * @return an int64 tensor [n]
   */
  public static Tensor toTensor(long[] values, Device device) {
    return Scoped.result(() -> Tensor.create(values, values.length).to(device, ScalarType.Long));
  }

  /**
   * Copies an array to a device.
   *
   * @param values the elements
   * @param device where to
   * @return a float64 tensor [n]
   */
  public static Tensor toTensor(double[] values, Device device) {
    return Scoped.result(() -> Tensor.create(values, values.length).to(device, ScalarType.Double));
  }

  /**
   * Copies a tensor's elements into Java memory as float32.
   *
   * @param tensor any shape, any device
   * @return the elements in row-major order
   */
  public static float[] toFloats(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      float[] values = new float[Math.toIntExact(tensor.numel())];
      Tensor host = tensor.to(TorchRuntime.cpu(), ScalarType.Float).contiguous();
      if (values.length > 0) {
        new FloatPointer(host.data_ptr()).get(values);
      }
      return values;
    }
  }

  /**
   * Copies a tensor's elements into Java memory as float64.
   *
   * @param tensor any shape, any dtype, on any device
   * @return the elements in row-major order
   */
  public static double[] toDoubles(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      double[] values = new double[Math.toIntExact(tensor.numel())];
      Tensor host = tensor.to(TorchRuntime.cpu(), ScalarType.Double).contiguous();
      if (values.length > 0) {
        new DoublePointer(host.data_ptr()).get(values);
      }
      return values;
    }
  }

  /**
   * Copies a tensor's elements into Java memory as int32.
   *
   * @param tensor an integer tensor of any shape, on any device
   * @return the elements in row-major order
   */
  public static int[] toInts(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      int[] values = new int[Math.toIntExact(tensor.numel())];
      Tensor host = tensor.to(TorchRuntime.cpu(), ScalarType.Int).contiguous();
      if (values.length > 0) {
        new IntPointer(host.data_ptr()).get(values);
      }
      return values;
    }
  }
}
