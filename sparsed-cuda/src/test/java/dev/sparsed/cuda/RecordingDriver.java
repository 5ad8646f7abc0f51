package dev.sparsed.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A driver that notes down what it is asked for, and fails launches on demand. */
public final class RecordingDriver implements Driver {

  final List<Launch> launches = new ArrayList<>();
  final List<ByteBuffer> arguments = new ArrayList<>();
  final List<Long> streams = new ArrayList<>();
  final List<String> calls = new ArrayList<>();
  final List<String> loaded = new ArrayList<>();
  final List<Long> freedOn = new ArrayList<>();
  final List<Integer> sharedMemory = new ArrayList<>();
  int live;
  boolean failLaunches;
  private final DeviceProperties properties;
  private long nextAddress = 1 << 20;

  public RecordingDriver(DeviceProperties properties) {
    this.properties = properties;
  }

  /** A card without kernels of its own. */
  public static DeviceProperties ada() {
    return new DeviceProperties(0, "recorded", 8, 9, 128, 1L << 34, 99 * 1024, 13000);
  }

  public static DeviceProperties hopper() {
    return new DeviceProperties(0, "recorded", 9, 0, 132, 1L << 37, 227 * 1024, 13000);
  }

  /** What was asked for since this was last asked: "launch NAME", "upload", "download", ... */
  public List<String> takeCalls() {
    List<String> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  /** The streams of all launches, in their order. */
  public List<Long> launchStreams() {
    return List.copyOf(streams);
  }

  /** The first launch arguments, as the kernels get them. */
  public ByteBuffer argumentsOfLaunch(int index) {
    return arguments.get(index).duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Number of allocations that are not freed. */
  public int liveAllocations() {
    return live;
  }

  /** Kernels over this driver, with images of one byte, and no cuDNN. */
  public CudaAttention attention() {
    return attention(new FusedAttention.Missing("none in this test"));
  }

  CudaAttention attention(FusedAttention fused) {
    return CudaAttention.of(
        new KernelLibrary(
            this,
            new KernelImages() {
              @Override
              public byte[] image(Kernel kernel, DeviceProperties device) {
                return new byte[1];
              }

              @Override
              public String describe(DeviceProperties device) {
                return "none";
              }
            }),
        () -> fused);
  }

  @Override
  public DeviceProperties properties() {
    return properties;
  }

  @Override
  public long loadFunction(byte[] image, String functionName) {
    loaded.add(functionName);
    return loaded.size();
  }

  @Override
  public void allowSharedMemory(long function, int bytes) {
    sharedMemory.add(bytes);
  }

  @Override
  public void launch(long function, Launch launch, ByteBuffer struct, long stream) {
    if (failLaunches) {
      throw new CudaException("launching " + launch.what() + " failed: CUDA_ERROR_LAUNCH_FAILED");
    }
    launches.add(launch);
    calls.add("launch " + loaded.get((int) function - 1));
    ByteBuffer copy = ByteBuffer.allocate(struct.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    arguments.add(copy.put(struct.duplicate()).flip());
    streams.add(stream);
  }

  @Override
  public long allocate(long bytes, long stream) {
    calls.add("allocate");
    live++;
    nextAddress += (bytes + 255) / 256 * 256;
    return nextAddress - (bytes + 255) / 256 * 256;
  }

  @Override
  public void free(long address, long stream) {
    calls.add("free");
    freedOn.add(stream);
    live--;
  }

  @Override
  public void copyToDevice(long address, ByteBuffer source, long stream) {
    calls.add("upload");
  }

  @Override
  public void copyFromDevice(ByteBuffer target, long address, long stream) {
    calls.add("download");
  }

  @Override
  public void clear(long address, long bytes, long stream) {
    calls.add("clear");
  }

  @Override
  public void order(long earlier, long later) {
    calls.add("order " + earlier + " before " + later);
  }
}
