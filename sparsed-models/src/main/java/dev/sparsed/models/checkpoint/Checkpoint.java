package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A model's folder, open for reading: its configuration and its tensors.
 *
 * <p>A model calls {@link #verify()} first, so that everything wrong is said at once, and then
 * loads the tensors of its {@link #layout()} one after the other. May be used by several threads at
 * once. Loaded tensors own their memory and outlive the checkpoint.
 */
public final class Checkpoint implements AutoCloseable {
  static final String CONFIG_FILE = "config.json";
  static final String GENERATION_CONFIG_FILE = "generation_config.json";
  static final long LONGEST_CONFIG = 1 << 24;

  private final Path folder;
  private final ObjectNode configJson;
  private final ModelConfig config;
  private final GenerationConfig generationConfig;
  private final TensorFiles files;

  private Checkpoint(
      Path folder,
      ObjectNode configJson,
      ModelConfig config,
      GenerationConfig generationConfig,
      TensorFiles files) {
    this.folder = folder;
    this.configJson = configJson;
    this.config = config;
    this.generationConfig = generationConfig;
    this.files = files;
  }

  /**
   * Opens a local folder, or a Hugging Face repository that was downloaded before.
   *
   * @param folderOrRepository a folder, or {@code owner/name} with an optional {@code @revision}
   * @return the checkpoint, to be closed by the caller
   * @throws CheckpointException if it is not there, not supported or broken
   */
  public static Checkpoint open(String folderOrRepository) {
    return open(CheckpointLocator.ofEnvironment().locate(folderOrRepository));
  }

  /**
   * Opens a folder.
   *
   * @param folder holds {@code config.json} and the safetensors files
   * @return the checkpoint, to be closed by the caller
   * @throws CheckpointException if it is not there, not supported or broken
   */
  public static Checkpoint open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(folder + " is no folder");
    }
    Path configFile = folder.resolve(CONFIG_FILE);
    if (!Files.exists(configFile)) {
      throw new CheckpointException(
          folder
              + " holds no "
              + CONFIG_FILE
              + "; it is no Hugging Face checkpoint or its download was interrupted");
    }
    ObjectNode configJson = JsonFiles.read(configFile, LONGEST_CONFIG);
    ModelConfig config = ModelConfig.parse(configJson, configFile.toString());
    GenerationConfig generation = readGenerationConfig(folder, config, configJson);
    return new Checkpoint(folder, configJson, config, generation, TensorFiles.open(folder));
  }

  static GenerationConfig readGenerationConfig(
      Path folder, ModelConfig config, ObjectNode configJson) {
    Path file = folder.resolve(GENERATION_CONFIG_FILE);
    return GenerationConfig.of(
        config,
        configJson,
        JsonFiles.readIfPresent(file, LONGEST_CONFIG),
        folder.resolve(CONFIG_FILE) + " or " + GENERATION_CONFIG_FILE);
  }

  /**
   * The checkpoint's folder, where tokenizer files lie too.
   *
   * @return the folder
   */
  public Path folder() {
    return folder;
  }

  /**
   * The architecture.
   *
   * @return a {@link DreamConfig} or a {@link LladaConfig}
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * The content of {@code config.json}, for fields that {@link #config()} leaves out.
   *
   * @return a copy of the file's object
   */
  public JsonNode configJson() {
    return configJson.deepCopy();
  }

  /**
   * The published code's defaults of generation.
   *
   * @return the defaults
   */
  public GenerationConfig generationConfig() {
    return generationConfig;
  }

  /**
   * The tensors that the architecture asks for.
   *
   * @return the layout of {@link #config()}
   */
  public ModelLayout layout() {
    return ModelLayout.of(config);
  }

  /**
   * The tensors that are stored.
   *
   * @return name to entry
   */
  public Map<String, TensorEntry> tensors() {
    return files.entries();
  }

  /**
   * The type that the weights are stored in, and that a model computes in unless told otherwise:
   * that of the embedding, whatever the configuration announces.
   *
   * @return bfloat16, float16 or float32; empty if there is no embedding of such a type, for which
   *     {@link #verify()} refuses the checkpoint
   */
  public Optional<TensorType> weightType() {
    return weightType(config, tensors());
  }

  static Optional<TensorType> weightType(ModelConfig config, Map<String, TensorEntry> stored) {
    return Optional.ofNullable(stored.get(ModelLayout.of(config).embedding().name()))
        .map(TensorEntry::type)
        .filter(TensorType::isWeightType);
  }

  /**
   * Checks that the stored tensors are those of the layout.
   *
   * @throws CheckpointException if tensors are missing, surplus, of another shape or of a type that
   *     weights are not read from; the message lists them all
   */
  public void verify() {
    TensorCatalog.compare(layout().tensors(), tensors()).requireNoProblems(folder);
  }

  /**
   * Loads a tensor of the layout.
   *
   * @param spec which tensor, of which shape
   * @param dtype the type of the result, float32, float16 or bfloat16
   * @param device the device of the result
   * @return as {@link #load(String, long[], ScalarType, Device)}
   * @throws CheckpointException as {@link #load(String, long[], ScalarType, Device)}
   */
  public Tensor load(TensorSpec spec, ScalarType dtype, Device device) {
    return load(spec.name(), spec.shape().toArray(), dtype, device);
  }

  /**
   * Loads a tensor in the wanted type onto the wanted device. Beside the result, the host holds at
   * most one chunk of 64 MiB, whatever the size of the tensor and of the model.
   *
   * @param name the tensor's name
   * @param expectedShape the shape it must have
   * @param dtype the type of the result; converted as LibTorch converts where the file stores
   *     another
   * @param device the device of the result
   * @return the tensor, contiguous; it owns its memory, outlives this checkpoint, is attached to no
   *     {@code PointerScope} and must be closed by the caller
   * @throws CheckpointException if there is no such tensor, it has another shape or an unsupported
   *     type, reading fails, or the device has no room for it
   */
  public Tensor load(String name, long[] expectedShape, ScalarType dtype, Device device) {
    SafetensorsFile file = files.fileOf(name);
    TensorShape stored = file.tensor(name).shape();
    if (!Arrays.equals(stored.toArray(), expectedShape)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "Tensor %s in %s has shape %s but should have %s; config.json and weights do not belong together",
              Quoted.name(name),
              file.path(),
              stored,
              Arrays.toString(expectedShape)));
    }
    return file.load(name, dtype, device);
  }

  /** Closes the files. Loaded tensors stay valid. */
  @Override
  public void close() {
    files.close();
  }
}
