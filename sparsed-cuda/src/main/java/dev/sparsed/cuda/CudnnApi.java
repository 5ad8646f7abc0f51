package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_ENGINEHEUR_RESULTS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_BACKEND_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_BOOLEAN;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_INT64;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendCreateDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendDestroyDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendExecute;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendFinalize;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendGetAttribute;
import static org.bytedeco.cuda.global.cudnn.cudnnBackendSetAttribute;
import static org.bytedeco.cuda.global.cudnn.cudnnCreate;
import static org.bytedeco.cuda.global.cudnn.cudnnGetErrorString;
import static org.bytedeco.cuda.global.cudnn.cudnnGetLastErrorString;
import static org.bytedeco.cuda.global.cudnn.cudnnGetVersion;
import static org.bytedeco.cuda.global.cudnn.cudnnSetStream;

import dev.sparsed.internal.JavaCpp;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnBackendDescriptor_t;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * cuDNN through Bytedeco's presets: the one class that calls it, in the device's primary context.
 * Loading this class loads native libraries, and throws {@link LinkageError} where they are
 * missing.
 */
final class CudnnApi implements Cudnn {

  static {
    JavaCpp.prepare(Loader::getCacheDir);
  }

  private static final int MESSAGE_BYTES = 1024;

  private final Consumer<Runnable> context;
  private final cudnnContext handle = new cudnnContext();
  private final Map<Float, FloatPointer> constants = new HashMap<>();

  /**
   * Opens cuDNN.
   *
   * @param context runs calls in the primary context of the device
   */
  CudnnApi(Consumer<Runnable> context) {
    this.context = context;
    run(() -> cudnnCreate(handle), "opening cuDNN");
  }

  /** cuDNN's fused attention on a device, or the reason why there is none. */
  static FusedAttention attention(DriverApi driver) {
    try {
      return new CudnnAttention(new CudnnApi(driver::inContext), driver);
    } catch (CudnnException | CudaException e) {
      return new FusedAttention.Missing(String.valueOf(e.getMessage()));
    } catch (LinkageError e) {
      return new FusedAttention.Missing(explain(e));
    }
  }

  /** The library's version, such as 9.19.0, or empty where it cannot be loaded. Needs no device. */
  static Optional<String> installedVersion() {
    try {
      return Optional.of(CudnnAttention.versionText(cudnnGetVersion()));
    } catch (LinkageError e) {
      return Optional.empty();
    }
  }

  private static String explain(LinkageError error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return "cuDNN 9 is not on the library path: " + cause.getMessage();
  }

  @Override
  public long version() {
    return cudnnGetVersion();
  }

  @Override
  public long handle() {
    return handle.address();
  }

  @Override
  public long create(int descriptorType) {
    cudnnBackendDescriptor_t descriptor = new cudnnBackendDescriptor_t();
    run(
        () -> cudnnBackendCreateDescriptor(descriptorType, descriptor),
        "making descriptor " + descriptorType);
    return descriptor.address();
  }

  @Override
  public void set(long descriptor, int attribute, int attributeType, long... values) {
    try (LongPointer elements = new LongPointer(values)) {
      set(descriptor, attribute, attributeType, values.length, elements);
    }
  }

  @Override
  public void setEnum(long descriptor, int attribute, int attributeType, int value) {
    try (IntPointer element = new IntPointer(1)) {
      set(descriptor, attribute, attributeType, 1, element.put(value));
    }
  }

  @Override
  public void setFlag(long descriptor, int attribute, boolean value) {
    try (BytePointer element = new BytePointer(1)) {
      set(descriptor, attribute, CUDNN_TYPE_BOOLEAN, 1, element.put((byte) (value ? 1 : 0)));
    }
  }

  private void set(long descriptor, int attribute, int type, long count, Pointer elements) {
    run(
        () -> cudnnBackendSetAttribute(descriptor(descriptor), attribute, type, count, elements),
        "setting attribute " + attribute);
  }

  @Override
  public void complete(long descriptor) {
    run(() -> cudnnBackendFinalize(descriptor(descriptor)), "completing a descriptor");
  }

  @Override
  public long getLong(long descriptor, int attribute) {
    try (LongPointer value = new LongPointer(1)) {
      get(descriptor, attribute, CUDNN_TYPE_INT64, 1, value);
      return value.get();
    }
  }

  @Override
  public long[] engineConfigurations(long heuristics) {
    long available =
        get(
            heuristics,
            CUDNN_ATTR_ENGINEHEUR_RESULTS,
            CUDNN_TYPE_BACKEND_DESCRIPTOR,
            0,
            new LongPointer());
    long[] made = new long[Math.toIntExact(available)];
    int count = 0;
    try {
      while (count < made.length) {
        made[count] = create(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
        count++;
      }
      if (count == 0) {
        return made;
      }
      try (LongPointer descriptors = new LongPointer(made)) {
        long filled =
            get(
                heuristics,
                CUDNN_ATTR_ENGINEHEUR_RESULTS,
                CUDNN_TYPE_BACKEND_DESCRIPTOR,
                count,
                descriptors);
        for (int i = (int) filled; i < count; i++) {
          destroy(made[i]);
        }
        return Arrays.copyOf(made, (int) Math.min(filled, count));
      }
    } catch (CudnnException e) {
      for (int i = 0; i < count; i++) {
        destroy(made[i]);
      }
      throw e;
    }
  }

  /** Reads up to {@code count} values and returns how many there are. */
  private long get(long descriptor, int attribute, int type, long count, Pointer values) {
    long[] there = new long[1];
    run(
        () ->
            cudnnBackendGetAttribute(descriptor(descriptor), attribute, type, count, there, values),
        "reading attribute " + attribute);
    return there[0];
  }

  @Override
  public void destroy(long descriptor) {
    run(() -> cudnnBackendDestroyDescriptor(descriptor(descriptor)), "destroying a descriptor");
  }

  @Override
  public long constant(float value) {
    return constants.computeIfAbsent(value, v -> new FloatPointer(1).put(v)).address();
  }

  @Override
  public void execute(long plan, long variantPack, long stream) {
    run(() -> cudnnSetStream(handle, new CUstream_st(new Handle(stream))), "choosing a stream");
    run(
        () -> cudnnBackendExecute(handle, descriptor(plan), descriptor(variantPack)),
        "queueing cuDNN's attention");
  }

  private void run(IntSupplier call, String what) {
    context.accept(
        () -> {
          int status = call.getAsInt();
          if (status != CUDNN_STATUS_SUCCESS) {
            throw new CudnnException(status, what + " failed: " + errorText(status));
          }
        });
  }

  private static String errorText(int status) {
    BytePointer name = cudnnGetErrorString(status);
    byte[] message = new byte[MESSAGE_BYTES];
    cudnnGetLastErrorString(message, message.length);
    int length = 0;
    while (length < message.length && message[length] != 0) {
      length++;
    }
    String said = new String(message, 0, length, StandardCharsets.UTF_8).strip();
    String text = name == null ? "cuDNN error " + status : name.getString();
    return said.isEmpty() ? text : text + " (" + said + ")";
  }

  private static cudnnBackendDescriptor_t descriptor(long handle) {
    return new cudnnBackendDescriptor_t(new Handle(handle));
  }

  /** A handle of cuDNN as the pointer that the bindings expect. */
  private static final class Handle extends Pointer {
    Handle(long handle) {
      address = handle;
    }
  }
}
