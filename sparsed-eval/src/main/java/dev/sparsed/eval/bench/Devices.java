package dev.sparsed.eval.bench;

import dev.sparsed.models.ComputeDevice;
import org.bytedeco.pytorch.global.torch;

/** Waiting for devices that compute while the caller goes on. */
final class Devices {

  private Devices() {}

  /** Returns when all work that was given to the device is done. */
  static void await(ComputeDevice device) {
    if (device.kind() == ComputeDevice.Kind.CUDA) {
      torch.cuda_synchronize(device.index());
    }
  }
}
