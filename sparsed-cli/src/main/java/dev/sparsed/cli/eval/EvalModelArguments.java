package dev.sparsed.cli.eval;

import dev.sparsed.cli.console.LoadingArguments;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.models.ModelOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model is evaluated. */
@InSection(OptionSection.MODEL)
final class EvalModelArguments {

  @Option(
      names = {"-m", "--model_path"},
      paramLabel = "DIR_OR_ID",
      description =
          "Folder of a Hugging Face checkpoint, or a repository such as owner/name in the local"
              + " Hugging Face cache (default: the small demo model).")
  @Nullable String modelPath;

  @Mixin private final LoadingArguments loading = new LoadingArguments();

  /**
   * How to load it.
   *
   * @throws IllegalArgumentException if a value is none that the library knows
   */
  ModelOptions options() {
    return loading.options();
  }

  /** Everything that decides which model is opened. */
  String key() {
    return modelPath + "|" + options();
  }
}
