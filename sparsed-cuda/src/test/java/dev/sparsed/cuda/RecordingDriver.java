package dev.sparsed.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A driver that notes down what it is asked for, and fails launches on demand. */
final class RecordingDriver implements Driver {

  final List<Launch> launches = new ArrayList<>();
  final List<ByteBuffer> arguments = new ArrayList<>();
  final List<Long> streams = new ArrayList<>();
  final List<String> loaded = new ArrayList<>();
  final List<Integer> sharedMemory = new ArrayList<>();
  int live;
  boolean failLaunches;
  private final DeviceProperties properties;
  private long nextAddress = 1 << 20;

  RecordingDriver(DeviceProperties properties) {
    this.properties = properties;
  }

  static DeviceProperties hopper() {
    return new DeviceProperties(0, "recorded", 9, 0, 132, 1L << 37, 227 * 1024, 13000);
  }

  /** Kernels over this driver, with images of one byte. */
  CudaAttention attention() {
    return new CudaAttention(
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
            }));
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
    ByteBuffer copy = ByteBuffer.allocate(struct.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    arguments.add(copy.put(struct.duplicate()).flip());
    streams.add(stream);
  }

  @Override
  public long allocate(long bytes, long stream) {
    live++;
    nextAddress += (bytes + 255) / 256 * 256;
    return nextAddress - (bytes + 255) / 256 * 256;
  }

  @Override
  public void free(long address, long stream) {
    live--;
  }

  @Override
  public void copyToDevice(long address, ByteBuffer source, long stream) {}

  @Override
  public void copyFromDevice(ByteBuffer target, long address, long stream) {}

  @Override
  public void clear(long address, long bytes, long stream) {}
}
