package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Brings tensors' bytes from a file to a device and back to a buffer: the one class of this package
 * that touches native memory.
 *
 * <p>Loading the same type on the CPU puts the bytes straight into the result's memory. Otherwise
 * one chunk of host memory at a time is filled from the file and copied with conversion into the
 * result on its device.
 */
@SuppressWarnings("try") // A PointerScope works by being open.
final class TensorMemory {
  /**
   * Host memory for conversion: small beside a model's largest tensor, large enough that copying
   * dominates.
   */
  private static final int STAGING_BYTES = 1 << 26;

  /** A buffer's length is an int. */
  private static final int LONGEST_BUFFER = 1 << 30;

  private TensorMemory() {}

  /** The LibTorch type of the tensor's bytes. */
  static ScalarType storedType(SafetensorsFile file, TensorEntry entry) {
    return entry
        .type()
        .scalarType()
        .orElseThrow(
            () ->
                new CheckpointException(
                    String.format(
                        Locale.ROOT,
                        "Tensor %s in %s is stored as %s, which is not supported; convert the checkpoint to bfloat16",
                        Quoted.of(entry.name()),
                        file.path(),
                        entry.type().headerName())));
  }

  static Tensor load(SafetensorsFile file, TensorEntry entry, ScalarType dtype, Device device) {
    ScalarType stored = storedType(file, entry);
    ScalarType wanted = dtype.intern();
    try (Tensor flat = allocate(entry.shape().elements(), wanted, device);
        PointerScope scope = new PointerScope()) {
      if (wanted == stored && device.is_cpu()) {
        fill(file, entry, 0, flat, entry.byteLength());
      } else {
        convert(file, entry, stored, flat);
      }
      Tensor shaped = flat.view(entry.shape().toArray());
      // Outlives the scope; the caller's close() drops the last reference.
      shaped.retainReference();
      return shaped;
    } catch (CheckpointException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "Tensor %s %s of %s cannot be placed on the device as %s: %s",
              Quoted.of(entry.name()),
              entry.shape(),
              file.path(),
              wanted,
              firstLine(e)),
          e);
    }
  }

  private static void convert(
      SafetensorsFile file, TensorEntry entry, ScalarType stored, Tensor target) {
    long elements = entry.shape().elements();
    int elementBytes = entry.type().bits() / Byte.SIZE;
    long chunk = Math.min(elements, STAGING_BYTES / elementBytes);
    try (Device cpu = new Device(torch.DeviceType.CPU);
        Tensor staging = allocate(chunk, stored, cpu)) {
      for (long start = 0; start < elements; start += chunk) {
        long count = Math.min(chunk, elements - start);
        fill(file, entry, start * elementBytes, staging, count * elementBytes);
        try (PointerScope scope = new PointerScope()) {
          target.narrow(0, start, count).copy_(staging.narrow(0, 0, count));
        }
      }
    }
  }

  /**
   * Copies {@code length} bytes of the tensor, from its byte {@code from} on, to the beginning of
   * host memory.
   */
  private static void fill(
      SafetensorsFile file, TensorEntry entry, long from, Tensor host, long length) {
    if (length == 0) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      BytePointer memory = new BytePointer(host.data_ptr());
      for (long done = 0; done < length; done += LONGEST_BUFFER) {
        long count = Math.min(LONGEST_BUFFER, length - done);
        ByteBuffer buffer = memory.position(done).limit(done + count).asByteBuffer();
        file.read(entry, from + done, buffer);
      }
    }
  }

  /**
   * Adds {@code scale * left right}, or its transpose, to a matrix in place; all are float32 on the
   * CPU.
   */
  static void addProduct(
      Tensor matrix, Tensor left, Tensor right, double scale, boolean transposed) {
    try (PointerScope scope = new PointerScope()) {
      Tensor first = transposed ? right.t() : left;
      Tensor second = transposed ? left.t() : right;
      matrix.addmm_(first, second, new Scalar(1.0), new Scalar(scale));
    }
  }

  /** A tensor's values in another type on another device; the caller closes both. */
  static Tensor convert(Tensor tensor, ScalarType type, Device device) {
    try (PointerScope scope = new PointerScope()) {
      Tensor converted = tensor.to(device, type);
      converted.retainReference();
      return converted;
    }
  }

  /** Copies elements, from {@code first} in row-major order on, until the buffer is full. */
  static void copyOut(Tensor tensor, long first, ByteBuffer target) {
    try (PointerScope scope = new PointerScope()) {
      long count = target.remaining() / tensor.element_size();
      Tensor host = tensor.reshape(-1).narrow(0, first, count).cpu();
      BytePointer memory = new BytePointer(host.data_ptr());
      target.put(memory.position(0).limit(target.remaining()).asByteBuffer());
    }
  }

  private static Tensor allocate(long elements, ScalarType type, Device device) {
    try (PointerScope scope = new PointerScope()) {
      TensorOptions options = new TensorOptions(type).device(new DeviceOptional(device));
      Tensor tensor = torch.empty(new long[] {elements}, options, new MemoryFormatOptional());
      tensor.retainReference();
      return tensor;
    }
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
