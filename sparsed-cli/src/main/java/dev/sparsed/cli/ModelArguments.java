package dev.sparsed.cli;

import dev.sparsed.cli.console.LoadingArguments;
import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.internal.checkpoint.CheckpointLocator;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model to load, and how. */
@InSection(OptionSection.MODEL)
final class ModelArguments {

  @Option(
      names = {"-m", "--model_path"},
      paramLabel = "DIR_OR_ID",
      description =
          "Folder of a Hugging Face checkpoint, or a repository such as owner/name in the local"
              + " Hugging Face cache. Without it 'dream' and 'llada' look for the published model"
              + " in that cache, other commands use a small demo model.")
  private @Nullable String modelPath;

  @Mixin private final LoadingArguments loading = new LoadingArguments();

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

    private static final String DEMO = "the embedded demo model";

    /** Of a folder or repository; of the demo model where none is named. */
    static Location of(@Nullable String name) {
      return name == null
          ? new Location(DemoCheckpoint.folder(), DEMO)
          : new Location(CheckpointLocator.ofEnvironment().locate(name), name);
    }

    /** What a program calls it. */
    String id() {
      return name.equals(DEMO) ? "sparsed-demo" : name;
    }
  }

  ModelOptions options() {
    try {
      return loading.options();
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }
}
