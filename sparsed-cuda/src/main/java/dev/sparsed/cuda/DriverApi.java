package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static org.bytedeco.cuda.global.cudart.CU_EVENT_DISABLE_TIMING;
import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static org.bytedeco.cuda.global.cudart.CU_MEM_ALLOCATION_TYPE_PINNED;
import static org.bytedeco.cuda.global.cudart.CU_MEM_LOCATION_TYPE_DEVICE;
import static org.bytedeco.cuda.global.cudart.cuCtxGetCurrent;
import static org.bytedeco.cuda.global.cudart.cuCtxPopCurrent;
import static org.bytedeco.cuda.global.cudart.cuCtxPushCurrent;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetCount;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuDeviceTotalMem;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventDestroy;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuFuncSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemAllocFromPoolAsync;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemFreeAsync;
import static org.bytedeco.cuda.global.cudart.cuMemPoolCreate;
import static org.bytedeco.cuda.global.cudart.cuMemPoolSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemsetD8Async;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.bytedeco.cuda.global.cudart.cuStreamWaitEvent;

import com.google.common.collect.ImmutableList;
import dev.sparsed.internal.JavaCpp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmemPoolHandle_st;
import org.bytedeco.cuda.cudart.CUmemPoolProps_v1;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The CUDA driver API through Bytedeco's presets: the one class that calls the driver. Works in the
 * device's primary context, making it current for the call on threads where it is not. Loading this
 * class loads native libraries, and throws {@link LinkageError} where they are missing.
 */
final class DriverApi implements Driver {

  static {
    JavaCpp.prepare(Loader::getCacheDir);
  }

  private static final int NAME_BYTES = 256;

  /**
   * What the pool keeps at most: the scratch memory of a selection, and patterns of some layers.
   */
  private static final long MOST_KEPT_BYTES = 1L << 30;

  /** Of a small device's memory it keeps no more than this share. */
  private static final int KEPT_SHARE = 16;

  private final DeviceProperties properties;
  private final CUctx_st context;
  private final Optional<CUmemPoolHandle_st> pool;

  private DriverApi(
      DeviceProperties properties, CUctx_st context, Optional<CUmemPoolHandle_st> pool) {
    this.properties = properties;
    this.context = context;
    this.pool = pool;
  }

  /** All devices that the driver sees. */
  static ImmutableList<DeviceProperties> devices() {
    check(cuInit(0), "starting the CUDA driver");
    int[] count = new int[1];
    check(cuDeviceGetCount(count), "counting devices");
    ImmutableList.Builder<DeviceProperties> devices = ImmutableList.builder();
    for (int ordinal = 0; ordinal < count[0]; ordinal++) {
      devices.add(readProperties(ordinal));
    }
    return devices.build();
  }

  /** Opens a device. Its primary context is kept for the life of the process. */
  static DriverApi open(int ordinal) {
    check(cuInit(0), "starting the CUDA driver");
    DeviceProperties properties = readProperties(ordinal);
    int device = deviceHandle(ordinal);
    CUctx_st context = new CUctx_st();
    check(cuDevicePrimaryCtxRetain(context, device), "opening device " + ordinal);
    Optional<CUmemPoolHandle_st> pool =
        attribute(device, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) == 0
            ? Optional.empty()
            : Optional.of(
                createPool(
                    device, Math.min(MOST_KEPT_BYTES, properties.memoryBytes() / KEPT_SHARE)));
    return new DriverApi(properties, context, pool);
  }

  /**
   * A pool of this library's own. The device's default pool gives freed memory back whenever
   * somebody waits for the device, and maps it again at the next call; to change that there would
   * change it for every library in the process.
   */
  private static CUmemPoolHandle_st createPool(int device, long keptBytes) {
    CUmemPoolHandle_st pool = new CUmemPoolHandle_st();
    try (CUmemPoolProps_v1 wanted = new CUmemPoolProps_v1();
        LongPointer threshold = new LongPointer(1)) {
      Pointer.memset(wanted, 0, wanted.sizeof());
      wanted.allocType(CU_MEM_ALLOCATION_TYPE_PINNED);
      wanted.location().type(CU_MEM_LOCATION_TYPE_DEVICE).id(device);
      check(cuMemPoolCreate(pool, wanted), "making a memory pool");
      check(
          cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, threshold.put(keptBytes)),
          "letting the memory pool keep " + keptBytes + " bytes");
    }
    return pool;
  }

  private static int deviceHandle(int ordinal) {
    int[] device = new int[1];
    check(cuDeviceGet(device, ordinal), "finding device " + ordinal);
    return device[0];
  }

  private static DeviceProperties readProperties(int ordinal) {
    int device = deviceHandle(ordinal);
    byte[] name = new byte[NAME_BYTES];
    check(cuDeviceGetName(name, NAME_BYTES, device), "reading the name of device " + ordinal);
    int length = 0;
    while (length < NAME_BYTES && name[length] != 0) {
      length++;
    }
    int[] driverVersion = new int[1];
    check(cuDriverGetVersion(driverVersion), "reading the driver's version");
    try (SizeTPointer memory = new SizeTPointer(1)) {
      check(cuDeviceTotalMem(memory, device), "reading the memory of device " + ordinal);
      return new DeviceProperties(
          ordinal,
          new String(name, 0, length, StandardCharsets.UTF_8),
          attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
          attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
          attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
          memory.get(),
          attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
          driverVersion[0]);
    }
  }

  private static int attribute(int device, int attribute) {
    int[] value = new int[1];
    check(cuDeviceGetAttribute(value, attribute, device), "reading attribute " + attribute);
    return value[0];
  }

  @Override
  public DeviceProperties properties() {
    return properties;
  }

  @Override
  public long loadFunction(byte[] image, String functionName) {
    try (BytePointer bytes = new BytePointer(image)) {
      CUmod_st module = new CUmod_st();
      run(
          () -> cuModuleLoadData(module, bytes),
          "loading the machine code of " + functionName + " for " + properties.architecture());
      CUfunc_st function = new CUfunc_st();
      run(() -> cuModuleGetFunction(function, module, functionName), "finding " + functionName);
      return function.address();
    }
  }

  @Override
  public void allowSharedMemory(long function, int bytes) {
    run(
        () ->
            cuFuncSetAttribute(
                function(function), CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
        "asking for " + bytes + " bytes of shared memory");
  }

  @Override
  public void launch(long function, Launch launch, ByteBuffer arguments, long stream) {
    try (Pointer struct = new Pointer(arguments);
        PointerPointer<Pointer> parameters = new PointerPointer<>(1)) {
      parameters.put(0, struct);
      run(
          () ->
              cuLaunchKernel(
                  function(function),
                  launch.gridX(),
                  launch.gridY(),
                  launch.gridZ(),
                  launch.threads(),
                  1,
                  1,
                  launch.sharedBytes(),
                  stream(stream),
                  parameters,
                  null),
          "launching " + launch.what());
    }
  }

  @Override
  public long allocate(long bytes, long stream) {
    long[] address = new long[1];
    run(
        () ->
            pool.isPresent()
                ? cuMemAllocFromPoolAsync(address, bytes, pool.get(), stream(stream))
                : cuMemAlloc(address, bytes),
        "allocating " + bytes + " bytes of device memory");
    return address[0];
  }

  @Override
  public void free(long address, long stream) {
    run(
        () -> pool.isPresent() ? cuMemFreeAsync(address, stream(stream)) : cuMemFree(address),
        "freeing device memory");
  }

  @Override
  public void copyToDevice(long address, ByteBuffer source, long stream) {
    int bytes = source.remaining();
    // The call may return before it has read the buffer, pageable as that is.
    try (Pointer from = new Pointer(source.slice())) {
      run(
          () -> cuMemcpyHtoDAsync(address, from, bytes, stream(stream)),
          "copying " + bytes + " bytes to the device");
      run(() -> cuStreamSynchronize(stream(stream)), "waiting for the stream");
    }
  }

  @Override
  public void copyFromDevice(ByteBuffer target, long address, long stream) {
    int bytes = target.remaining();
    try (Pointer to = new Pointer(target.slice())) {
      run(
          () -> cuMemcpyDtoHAsync(to, address, bytes, stream(stream)),
          "copying " + bytes + " bytes from the device");
      run(() -> cuStreamSynchronize(stream(stream)), "waiting for the stream");
    }
  }

  @Override
  public void clear(long address, long bytes, long stream) {
    run(
        () -> cuMemsetD8Async(address, (byte) 0, bytes, stream(stream)),
        "clearing " + bytes + " bytes of device memory");
  }

  @Override
  public void order(long earlier, long later) {
    inContext(
        () -> {
          CUevent_st event = new CUevent_st();
          check(cuEventCreate(event, CU_EVENT_DISABLE_TIMING), "making an event");
          try {
            check(cuEventRecord(event, stream(earlier)), "recording an event");
            check(cuStreamWaitEvent(stream(later), event, 0), "waiting for an event");
          } finally {
            // Lives on in the driver until the streams have passed it.
            cuEventDestroy(event);
          }
        });
  }

  private void run(IntSupplier call, String what) {
    inContext(() -> check(call.getAsInt(), what));
  }

  /** Runs calls in the primary context, whatever context the thread had. */
  void inContext(Runnable calls) {
    CUctx_st current = new CUctx_st();
    check(cuCtxGetCurrent(current), "reading the current context");
    if (current.address() == context.address()) {
      calls.run();
      return;
    }
    check(cuCtxPushCurrent(context), "entering the primary context");
    try {
      calls.run();
    } finally {
      cuCtxPopCurrent(new CUctx_st());
    }
  }

  private static void check(int status, String what) {
    if (status != CUDA_SUCCESS) {
      throw new CudaException(what + " failed: " + errorText(status));
    }
  }

  private static String errorText(int status) {
    try (PointerPointer<BytePointer> name = new PointerPointer<>(1);
        PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
      if (cuGetErrorName(status, name) != CUDA_SUCCESS
          || cuGetErrorString(status, text) != CUDA_SUCCESS) {
        return "unknown error " + status;
      }
      return name.get(BytePointer.class, 0).getString()
          + " ("
          + text.get(BytePointer.class, 0).getString()
          + ")";
    }
  }

  private static CUstream_st stream(long handle) {
    return new CUstream_st(new Handle(handle));
  }

  private static CUfunc_st function(long handle) {
    return new CUfunc_st(new Handle(handle));
  }

  /** A handle of the driver as the pointer that the bindings expect. */
  private static final class Handle extends Pointer {
    Handle(long handle) {
      address = handle;
    }
  }
}
