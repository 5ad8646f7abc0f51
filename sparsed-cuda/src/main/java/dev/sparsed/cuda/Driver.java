package dev.sparsed.cuda;

import java.nio.ByteBuffer;

/**
 * The part of the CUDA driver that this library uses, for one device. Addresses, functions and
 * streams are handles as the driver gives them; stream 0 is the default stream. Work is queued on
 * the stream and not waited for unless a method says so. All methods may be called from any thread
 * and throw {@link CudaException} where the driver reports an error.
 */
interface Driver {

  /** What the device is. */
  DeviceProperties properties();

  /** Loads machine code and returns the handle of one function in it. */
  long loadFunction(byte[] image, String functionName);

  /** Allows launches of a function with this much dynamic shared memory. */
  void allowSharedMemory(long function, int bytes);

  /** Queues a kernel that takes one struct; {@code arguments} is a direct buffer with its bytes. */
  void launch(long function, Launch launch, ByteBuffer arguments, long stream);

  /** Allocates device memory, in the order of the stream where the device can. */
  long allocate(long bytes, long stream);

  /** Frees what {@link #allocate} gave, after the work queued on the stream so far. */
  void free(long address, long stream);

  /** Copies the remaining bytes of a direct buffer; waits until they have been read. */
  void copyToDevice(long address, ByteBuffer source, long stream);

  /** Fills the remaining bytes of a direct buffer; waits until they are there. */
  void copyFromDevice(ByteBuffer target, long address, long stream);

  /** Sets device memory to zero. */
  void clear(long address, long bytes, long stream);

  /** Lets what is queued on one stream from now on wait for what another has so far. */
  void order(long earlier, long later);

  /**
   * Size of a launch.
   *
   * @param what kernel and shapes, for messages
   */
  record Launch(String what, int gridX, int gridY, int gridZ, int threads, int sharedBytes) {}
}
