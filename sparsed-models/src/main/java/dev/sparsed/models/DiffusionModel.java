package dev.sparsed.models;

import dev.sparsed.models.checkpoint.Checkpoint;
import dev.sparsed.models.checkpoint.ModelConfig;
import java.nio.file.Path;

/**
 * A diffusion language model, loaded and ready to generate.
 *
 * <p>May be used by several threads at once: each generation has its own state and the weights are
 * only read. Closing it releases the weights; it waits for running generations to end.
 */
public final class DiffusionModel implements AutoCloseable {

  private final Path folder;
  private final ModelConfig config;
  private final ModelDescription description;

  private DiffusionModel(Path folder, ModelConfig config, ModelDescription description) {
    this.folder = folder;
    this.config = config;
    this.description = description;
  }

  /**
   * Loads a model from a folder.
   *
   * @param folder a Hugging Face checkpoint: {@code config.json}, {@code *.safetensors}
   * @param options how to load it
   * @return the model, to be closed by the caller
   * @throws dev.sparsed.models.checkpoint.CheckpointException if the checkpoint is not there, not
   *     supported or broken
   */
  public static DiffusionModel load(Path folder, ModelOptions options) {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return load(checkpoint, options);
    }
  }

  /**
   * Loads a model from a folder or from the local Hugging Face cache.
   *
   * @param folderOrRepository a folder, or a repository such as {@code owner/name} that was
   *     downloaded before
   * @param options how to load it
   * @return the model, to be closed by the caller
   * @throws dev.sparsed.models.checkpoint.CheckpointException if the checkpoint is not there, not
   *     supported or broken
   */
  public static DiffusionModel load(String folderOrRepository, ModelOptions options) {
    try (Checkpoint checkpoint = Checkpoint.open(folderOrRepository)) {
      return load(checkpoint, options);
    }
  }

  private static DiffusionModel load(Checkpoint checkpoint, ModelOptions options) {
    checkpoint.verify();
    ModelDescription description =
        new ModelDescription(
            checkpoint.config().getClass().getSimpleName(),
            0,
            0,
            options.precision().orElse(Precision.FLOAT32),
            options.device(),
            "");
    return new DiffusionModel(checkpoint.folder(), checkpoint.config(), description);
  }

  /**
   * Generates.
   *
   * @param request what and how
   * @return the result
   * @throws IllegalArgumentException if the request does not fit this model
   * @throws IllegalStateException if the model is closed
   */
  public GenerationResult generate(GenerationRequest request) {
    return generate(request, GenerationListener.NONE);
  }

  /**
   * Generates and reports every step. An interruption of the calling thread ends the generation
   * like a listener's {@link GenerationListener.Reaction#STOP}; the thread stays interrupted.
   *
   * @param request what and how
   * @param listener called after every step
   * @return the result; of a cancelled generation with what was decided so far
   * @throws IllegalArgumentException if the request does not fit this model
   * @throws IllegalStateException if the model is closed
   */
  @SuppressWarnings("DoNotCallSuggester")
  public GenerationResult generate(GenerationRequest request, GenerationListener listener) {
    throw new UnsupportedOperationException("not yet");
  }

  /**
   * The model's architecture.
   *
   * @return the configuration
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * The folder that the model was loaded from, where its tokenizer's files lie.
   *
   * @return the folder
   */
  public Path folder() {
    return folder;
  }

  /**
   * The model in a few numbers.
   *
   * @return the description
   */
  public ModelDescription describe() {
    return description;
  }

  /** Releases the weights. Closing twice does nothing. */
  @Override
  public void close() {}
}
