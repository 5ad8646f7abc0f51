package dev.sparsed.examples.eval;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model is evaluated. */
final class EvalModelArguments {

  @Option(
      names = "--model_path",
      paramLabel = "DIR_OR_ID",
      description =
          "Folder of a Hugging Face checkpoint, or a repository such as owner/name in the local"
              + " Hugging Face cache (default: the small demo model).")
  @Nullable String modelPath;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or float16 (default: as stored).")
  @Nullable String dtype;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  String device = "cpu";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Processor threads (default: one per core).")
  @Nullable Integer threads;

  /** Everything that decides which model is opened. */
  String key() {
    return modelPath + "|" + dtype + "|" + device + "|" + threads;
  }
}
