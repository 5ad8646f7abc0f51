package dev.sparsed.cuda;

/** Gives the machine code of kernels. */
interface KernelImages {

  /**
   * Machine code that holds a kernel.
   *
   * @param kernel the kernel
   * @param device the device to run it
   * @return an image that the device's driver can load
   * @throws CudaException if there is none and none can be compiled
   */
  byte[] image(Kernel kernel, DeviceProperties device);

  /**
   * Where images for a device come from, in words, for reports.
   *
   * @param device the device
   * @return such as {@code packaged sm_90}
   */
  String describe(DeviceProperties device);
}
