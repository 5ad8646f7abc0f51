package dev.sparsed.examples.cli;

import dev.sparsed.examples.demo.DemoCheckpoint;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.checkpoint.CheckpointLocator;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model to load, and how. */
final class ModelArguments {

  @Option(
      names = "--model_path",
      paramLabel = "DIR_OR_ID",
      description =
          "Folder of a Hugging Face checkpoint, or a repository such as owner/name in the local"
              + " Hugging Face cache. Without it 'dream' and 'llada' look for the published model"
              + " in that cache, other commands use a small demo model.")
  private @Nullable String modelPath;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or float16 (default: as stored).")
  private @Nullable String dtype;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device = "cpu";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Processor threads (default: one per core).")
  private @Nullable Integer threads;

  /** The folder of the checkpoint, and what to call it. */
  Location locate(Optional<String> defaultModel) {
    return Location.of(modelPath != null ? modelPath : defaultModel.orElse(null));
  }

  /**
   * A checkpoint that is there.
   *
   * @param folder where it is
   * @param name what the user calls it
   */
  record Location(Path folder, String name) {

    /** Of a folder or repository; of the demo model where none is named. */
    static Location of(@Nullable String name) {
      return name == null
          ? new Location(DemoCheckpoint.folder(), "the embedded demo model")
          : new Location(CheckpointLocator.ofEnvironment().locate(name), name);
    }
  }

  ModelOptions options() {
    try {
      ModelOptions options = ModelOptions.DEFAULT.withDevice(ComputeDevice.of(device));
      if (dtype != null) {
        options = options.withPrecision(Precision.of(dtype));
      }
      return threads == null ? options : options.withThreads(threads);
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }
}
