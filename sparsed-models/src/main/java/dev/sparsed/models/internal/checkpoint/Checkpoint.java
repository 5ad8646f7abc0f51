package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.cpu.WeightFormat;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

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
  private final ModelConfig config;
  private final GenerationConfig generationConfig;
  private final ImmutableList<String> configWarnings;
  private final ImmutableList<String> configConflicts;
  private final TensorFiles files;
  private final Optional<LoraAdapter> adapter;
  private final ImmutableMap<String, String> storedNames;
  private final ImmutableMap<String, WeightFormat> quantized;

  private Checkpoint(
      FolderConfig description, TensorFiles files, Optional<LoraAdapter> adapter, Path folder) {
    this.folder = folder;
    ConfigClasses.Reading reading = description.model();
    this.config = reading.config();
    this.configConflicts = reading.conflicts();
    Set<String> warnings = new LinkedHashSet<>(reading.warnings());
    this.generationConfig = description.generation(config, warnings);
    warnings.addAll(description.warnings());
    this.configWarnings = ImmutableList.copyOf(warnings);
    this.files = files;
    this.adapter = adapter;
    TensorCatalog catalog = TensorCatalog.compare(layout(), files.entries());
    this.storedNames = catalog.storedNames();
    this.quantized = catalog.quantized();
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
   * @param folder holds {@code config.json} and the safetensors files, or is a repository's folder
   *     {@code models--owner--name} in the Hugging Face cache
   * @return the checkpoint, to be closed by the caller
   * @throws CheckpointException if it is not there, not supported or broken
   */
  public static Checkpoint open(Path folder) {
    Path found = requireFolder(folder);
    FolderConfig description = FolderConfig.read(found);
    description.model(); // Refuses before large files are opened.
    boolean complete = false;
    @Nullable TensorFiles files = null;
    Optional<LoraAdapter> adapter = Optional.empty();
    try {
      files = TensorFiles.open(found);
      adapter = LoraAdapter.openIfPresent(found);
      Checkpoint checkpoint = new Checkpoint(description, files, adapter, found);
      complete = true;
      return checkpoint;
    } finally {
      if (!complete) {
        adapter.ifPresent(LoraAdapter::close);
        if (files != null) {
          files.close();
        }
      }
    }
  }

  static Path requireFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          folder
              + FileFailure.whyNoFile(folder)
                  .map(why -> " is no folder: " + why)
                  .orElse(" is a file; name the checkpoint's folder"));
    }
    return HubFolder.checkpoint(folder);
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
   * What {@code config.json} says of the model.
   *
   * @return the configuration
   */
  public ModelConfig config() {
    return config;
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
   * that of the embedding, or of the final norm where the embedding is quantized, whatever the
   * configuration announces.
   *
   * @return the type; empty if there is no embedding of a type that weights may have, for which
   *     {@link #verify()} refuses the checkpoint
   */
  public Optional<Precision> weightType() {
    return weightType(config, tensors());
  }

  static Optional<Precision> weightType(ModelConfig config, Map<String, TensorEntry> stored) {
    ModelLayout layout = ModelLayout.of(config);
    TensorCatalog catalog = TensorCatalog.compare(layout, stored);
    TensorSpec telling =
        catalog.quantized().containsKey(layout.embedding().name())
            ? layout.finalNorm()
            : layout.embedding();
    return Optional.ofNullable(catalog.storedNames().get(telling.name()))
        .map(stored::get)
        .flatMap(entry -> entry.type().precision());
  }

  /**
   * Checks that the files agree on the mask token, that the stored tensors are those of the layout,
   * that an adapter beside them fits, and that no weights are zeros where the download was
   * interrupted. Of sound files only the headers and a few bytes are read.
   *
   * @return what is worth telling the user of a checkpoint that can be used: settings and tensors
   *     that are passed over, an adapter that is merged, weights of zeros; empty for a published
   *     checkpoint
   * @throws CheckpointException if files contradict each other, tensors are missing, of another
   *     shape or of a type that weights are not read from, if there are others in the model's
   *     layers, or the adapter cannot be merged; the message says all of it
   */
  public List<String> verify() {
    if (!configConflicts.isEmpty()) {
      throw new CheckpointException(Listing.of(configConflicts, "; "));
    }
    WeightCheck check = WeightCheck.of(folder, config, files, adapter);
    if (!check.problems().isEmpty()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "The weights in %s cannot be used: %s",
              folder,
              Listing.of(check.problems(), "; ")));
    }
    return ImmutableList.<String>builder().addAll(configWarnings).addAll(check.warnings()).build();
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
    if (quantized.containsKey(spec.name())) {
      throw new CheckpointException(
          Quoted.of(spec.name()) + " is quantized in " + folder + " and has no other form");
    }
    return load(spec.name(), spec.shape().toArray(), dtype, device);
  }

  /**
   * Loads a tensor in the wanted type onto the wanted device. Beside the result, the host holds at
   * most one chunk of 64 MiB, whatever the size of the tensor and of the model; for a matrix that
   * an adapter changes, the matrix in float32.
   *
   * @param name the tensor's name in the layout
   * @param expectedShape the shape it must have
   * @param dtype the type of the result; converted as LibTorch converts where the file stores
   *     another
   * @param device the device of the result
   * @return the tensor, contiguous, with what the adapter adds to it; it owns its memory, outlives
   *     this checkpoint, is attached to no {@code PointerScope} and must be closed by the caller
   * @throws CheckpointException if there is no such tensor, it has another shape or an unsupported
   *     type, reading fails, or the device has no room for it
   */
  public Tensor load(String name, long[] expectedShape, ScalarType dtype, Device device) {
    String storedName = storedNames.getOrDefault(name, name);
    SafetensorsFile file = files.fileOf(storedName);
    TensorShape stored = file.tensor(storedName).shape();
    if (!Arrays.equals(stored.toArray(), expectedShape)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "Tensor %s in %s has shape %s but should have %s; config.json and weights do not belong together",
              Quoted.of(name),
              file.path(),
              stored,
              Arrays.toString(expectedShape)));
    }
    Optional<LoraAdapter.Merge> merge = adapter.flatMap(found -> found.mergeFor(name));
    return merge.isPresent()
        ? loadMerged(file, storedName, merge.get(), dtype, device)
        : file.load(storedName, dtype, device);
  }

  /**
   * In how many bits a matrix is stored.
   *
   * @param spec a tensor of the layout
   * @return the format; empty for what is not quantized
   */
  public Optional<WeightFormat> quantization(TensorSpec spec) {
    return Optional.ofNullable(quantized.get(spec.name()));
  }

  /**
   * Loads a quantized matrix as it is stored, into host memory.
   *
   * @param spec one that has a {@link #quantization}
   * @return the matrix, to be closed by the caller
   * @throws CheckpointException if it is not stored so, or reading fails
   */
  public QuantizedTensor loadQuantized(TensorSpec spec) {
    WeightFormat format = quantized.get(spec.name());
    if (format == null) {
      throw new CheckpointException(Quoted.of(spec.name()) + " is not quantized in " + folder);
    }
    String name = storedNames.getOrDefault(spec.name(), spec.name());
    Tensor numbers = files.fileOf(name).load(name);
    try {
      String scales = name + QuantizedTensor.SCALES;
      return new QuantizedTensor(format, numbers, files.fileOf(scales).load(scales));
    } catch (RuntimeException | Error e) {
      numbers.close();
      throw e;
    }
  }

  private static Tensor loadMerged(
      SafetensorsFile file, String name, LoraAdapter.Merge merge, ScalarType dtype, Device device) {
    try (Device cpu = new Device(DeviceType.CPU);
        Tensor matrix = file.load(name, ScalarType.Float, cpu)) {
      merge.into(matrix);
      return TensorMemory.convert(matrix, dtype, device);
    }
  }

  /** Closes the files. Loaded tensors stay valid. */
  @Override
  public void close() {
    files.close();
    adapter.ifPresent(LoraAdapter::close);
  }
}
