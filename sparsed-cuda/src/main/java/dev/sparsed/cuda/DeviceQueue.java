package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionCall;

/**
 * The kernels of one device and the stream that a call's work is queued on.
 *
 * @param kernels the kernels
 * @param stream the {@code CUstream} handle; 0 is the default stream
 */
record DeviceQueue(KernelLibrary kernels, long stream) {

  Driver driver() {
    return kernels.driver();
  }

  /** Queues a kernel over a grid of blocks of threads. */
  void launch(
      Kernel kernel,
      AttentionCall<?> call,
      int gridX,
      int gridY,
      int gridZ,
      KernelArguments arguments) {
    kernels.launch(
        kernel, call.shape().toString(), gridX, gridY, gridZ, arguments.finish(), stream);
  }

  /** Queues a kernel whose blocks are those of queries, heads and sequences. */
  void launchOverQueries(Kernel kernel, AttentionCall<?> call, KernelArguments arguments) {
    launch(
        kernel,
        call,
        kernel.blocks(call.shape().queryLength()),
        call.shape().heads(),
        call.shape().batch(),
        arguments);
  }

  DeviceMemory allocate(long bytes) {
    return DeviceMemory.allocate(driver(), bytes, stream);
  }
}
