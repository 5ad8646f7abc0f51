package dev.sparsed.models;

import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.internal.Notices;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.text.internal.Loggers;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;

/** What the log says when the process loads its first model. */
final class LoadLog {

  private static final Logger LOG = Loggers.of(DiffusionModel.class);
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private LoadLog() {}

  /** Says what the model computes with, once, and what slows it down. */
  static void loaded(DiffusionModel.Description model) {
    Notices.take().forEach(LOG::warn);
    if (SAID.getAndSet(true)) {
      return;
    }
    if (model.device().kind() == ComputeDevice.Kind.CPU) {
      CpuKernels.unavailableReason()
          .ifPresent(
              reason ->
                  LOG.warn(
                      "the CPU kernels are not there, without which steps take up to seven times as"
                          + " long: {}; add dev.sparsed:sparsed-cpu with the classifier of this"
                          + " platform (such as linux-x86_64) to the class path",
                      reason));
    }
    LOG.info(
        "{} on {} in {}; attention: {}; CPU kernels: {}; {}",
        model.modelClass(),
        model.device(),
        model.precision().name().toLowerCase(Locale.ROOT),
        model.attention(),
        kernels(),
        TorchRuntime.describe());
  }

  private static String kernels() {
    return CpuKernels.isAvailable()
        ? String.format(
            Locale.ROOT, "%s, threads: %d", CpuKernels.fastest(), CpuKernels.defaultThreads())
        : "not there";
  }
}
