package dev.sparsed.models.torch;

import dev.sparsed.cuda.Cuda;
import dev.sparsed.internal.LibraryVersion;
import dev.sparsed.internal.Processor;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What LibTorch's speed depends on. */
final class TorchPlatform {

  private TorchPlatform() {}

  static Map<String, String> of(Tensor tensor) {
    Map<String, String> platform = new HashMap<>();
    platform.put("backend", "torch");
    platform.put("sparsed", LibraryVersion.text());
    platform.put("libtorch", libTorchVersion());
    if (tensor.is_cpu()) {
      platform.put("processor", Processor.name());
      platform.put("torch_threads", Integer.toString(torch.get_num_threads()));
      try (BytePointer capability = torch.get_cpu_capability()) {
        platform.put("torch_instructions", capability.getString());
      }
    } else {
      platform.put("device", device(tensor));
    }
    return platform;
  }

  /** A card's name where this library can read it, else its number. */
  private static String device(Tensor tensor) {
    try (Device device = tensor.device();
        BytePointer text = device.str()) {
      int index = device.index();
      return tensor.is_cuda()
          ? Cuda.devices().stream()
              .filter(card -> card.ordinal() == index)
              .map(card -> card.name() + ", driver " + card.driverVersion())
              .findFirst()
              .orElseGet(text::getString)
          : text.getString();
    }
  }

  private static String libTorchVersion() {
    try {
      return Loader.getVersion("org.bytedeco", "pytorch");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
