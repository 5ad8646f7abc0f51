package dev.sparsed.models.internal.torch;

import dev.sparsed.cuda.CudaAttention;
import dev.sparsed.cuda.EmulatedDriver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * Processor tensors that pretend to lie on the emulated device: their memory is copied there when
 * their address is asked for, and back by {@link #finish}.
 */
final class EmulatedCudaTensors implements CudaTensors, AutoCloseable {

  private final EmulatedDriver driver = EmulatedDriver.start();
  private final CudaAttention attention = driver.attention();
  private final Map<Region, Copy> copies = new HashMap<>();

  private record Region(long hostAddress, long bytes) {}

  private record Copy(Tensor tensor, long deviceAddress) {}

  @Override
  public boolean reaches(Tensor tensor) {
    return true;
  }

  @Override
  public CudaAttention attention(Tensor tensor) {
    return attention;
  }

  @Override
  public long address(Tensor tensor) {
    Region region = new Region(tensor.data_ptr().address(), bytes(tensor));
    return copies.computeIfAbsent(region, r -> upload(r, tensor)).deviceAddress();
  }

  @Override
  public long stream(Tensor tensor) {
    return 0;
  }

  private Copy upload(Region region, Tensor tensor) {
    tensor.retainReference();
    long address = driver.allocate(region.bytes(), 0);
    driver.copyToDevice(address, host(tensor, region), 0);
    return new Copy(tensor, address);
  }

  /** Brings everything that kernels wrote back into the tensors. */
  void finish() {
    copies.forEach(
        (region, copy) -> {
          driver.copyFromDevice(host(copy.tensor(), region), copy.deviceAddress(), 0);
          driver.free(copy.deviceAddress(), 0);
          copy.tensor().releaseReference();
        });
    copies.clear();
  }

  /** Allocations on the device that are not freed. */
  long liveAllocations() {
    return driver.liveAllocations();
  }

  private static ByteBuffer host(Tensor tensor, Region region) {
    return new BytePointer(tensor.data_ptr())
        .capacity(region.bytes())
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long bytes(Tensor tensor) {
    long elements = 1;
    for (int i = 0; i < tensor.dim(); i++) {
      elements += (tensor.size(i) - 1) * tensor.stride(i);
    }
    return elements * tensor.element_size();
  }

  @Override
  public void close() {
    driver.close();
  }
}
