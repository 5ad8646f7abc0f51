package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA adapter beside a base model's weights (Hu et al., 2021): to a matrix W of the base it adds
 * {@code alpha / rank * B A}. It is merged into the weights while they are loaded, in float32, so
 * that nothing of it is left to compute afterwards.
 */
final class LoraAdapter implements AutoCloseable {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:base_model\\.model\\.)?(?<module>.+)\\.lora_(?<kind>embedding_)?(?<side>[AB])(?:\\.default)?(?:\\.weight)?");

  private final Path folder;
  private final LoraConfig config;
  private final SafetensorsFile file;
  private final Map<String, Change> changes = new TreeMap<>();
  private final List<String> strange = new ArrayList<>();

  /** The two matrices of a module: A is [rank, inputs], B is [outputs, rank]. */
  private static final class Change {
    private @Nullable String left;
    private @Nullable String right;
    private boolean embedding;
  }

  private LoraAdapter(Path folder, LoraConfig config, SafetensorsFile file) {
    this.folder = folder;
    this.config = config;
    this.file = file;
  }

  /**
   * Opens the adapter of a folder.
   *
   * @return the adapter, empty where there is none
   * @throws CheckpointException if it is incomplete, or of a kind that is not merged
   */
  static Optional<LoraAdapter> openIfPresent(Path folder) {
    Path configFile = folder.resolve(FolderContents.ADAPTER_CONFIG);
    Path weights = folder.resolve(FolderContents.ADAPTER_WEIGHTS);
    Path pickle = folder.resolve(FolderContents.ADAPTER_PICKLE);
    boolean hasConfig = FileFailure.isPresent(configFile);
    boolean hasWeights = FileFailure.isPresent(weights);
    boolean hasPickle = FileFailure.isPresent(pickle);
    if (!hasConfig && !hasWeights && !hasPickle) {
      return Optional.empty();
    }
    if (!hasConfig || !hasWeights) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s holds %s of an adapter but not %s, so that it cannot be merged%s; complete it, or remove it to use the base model",
              folder,
              hasConfig
                  ? FolderContents.ADAPTER_CONFIG
                  : hasWeights ? FolderContents.ADAPTER_WEIGHTS : FolderContents.ADAPTER_PICKLE,
              hasConfig ? FolderContents.ADAPTER_WEIGHTS : FolderContents.ADAPTER_CONFIG,
              hasPickle ? " (PyTorch's .bin files are not read)" : ""));
    }
    LoraConfig config = LoraConfig.read(configFile);
    LoraAdapter adapter = new LoraAdapter(folder, config, SafetensorsFile.open(weights));
    adapter.file.tensors().keySet().forEach(adapter::sort);
    return Optional.of(adapter);
  }

  private void sort(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      strange.add(Quoted.of(name));
      return;
    }
    Change change = changes.computeIfAbsent(matcher.group("module"), unused -> new Change());
    change.embedding = matcher.group("kind") != null;
    if (matcher.group("side").equals("A")) {
      change.right = name;
    } else {
      change.left = name;
    }
  }

  /** Everything for which the adapter does not fit a model. */
  List<String> problems(ModelLayout layout, boolean tiedEmbeddings) {
    List<String> problems = new ArrayList<>();
    if (!strange.isEmpty()) {
      problems.add(
          String.format(
              Locale.ROOT,
              "%d tensors are no LoRA matrices, but for instance modules that were trained as a whole: %s",
              strange.size(),
              Listing.of(strange)));
    }
    Map<String, TensorSpec> matrices = new LinkedHashMap<>();
    layout.tensors().forEach(spec -> matrices.put(spec.name(), spec));
    List<String> unknown = new ArrayList<>();
    List<String> misfit = new ArrayList<>();
    changes.forEach(
        (module, change) -> {
          TensorSpec spec = matrices.get(tensorName(module, matrices));
          if (spec == null || !spec.required() || !spec.isMatrix()) {
            unknown.add(Quoted.of(module));
          } else if (tiedEmbeddings && spec.equals(layout.head())) {
            misfit.add(Quoted.of(module) + " adapts an embedding that is the model's head as well");
          } else {
            shapeProblem(module, change, spec).ifPresent(misfit::add);
          }
        });
    if (!unknown.isEmpty()) {
      problems.add("the model has no matrices " + Listing.of(unknown));
    }
    problems.addAll(misfit);
    if (changes.isEmpty()) {
      problems.add("it holds no LoRA matrices");
    }
    return problems.isEmpty()
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "the adapter %s cannot be merged: %s; merge it with PEFT, or remove its files to use the base model",
                file.path(),
                Listing.of(problems, "; ")));
  }

  private Optional<String> shapeProblem(String module, Change change, TensorSpec spec) {
    if (change.left == null || change.right == null) {
      return Optional.of(Quoted.of(module) + " lacks one of its two matrices");
    }
    long rank = config.rank(module);
    long[] base = spec.shape().toArray();
    long outputs = base[change.embedding ? 1 : 0];
    long inputs = base[change.embedding ? 0 : 1];
    TensorEntry left = file.tensor(change.left);
    TensorEntry right = file.tensor(change.right);
    boolean fits =
        left.shape().equals(TensorShape.of(outputs, rank))
            && right.shape().equals(TensorShape.of(rank, inputs));
    if (!fits) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%s has matrices %s and %s, which do not make rank %d of %s",
              Quoted.of(module),
              left.shape(),
              right.shape(),
              rank,
              spec.shape()));
    }
    return left.type().precision().isPresent() && right.type().precision().isPresent()
        ? Optional.empty()
        : Optional.of(Quoted.of(module) + " is of a type that weights are not read from");
  }

  /** What is worth saying of an adapter that fits. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>(config.warnings());
    warnings.add(
        String.format(
            Locale.ROOT,
            "%s holds a LoRA adapter, which is merged into %d matrices while they are loaded",
            folder,
            changes.size()));
    ImmutableList<String> untouched =
        config.targets().stream()
            .filter(
                target ->
                    changes.keySet().stream()
                        .noneMatch(module -> LoraConfig.endsIn(module, target)))
            .map(Quoted::of)
            .collect(ImmutableList.toImmutableList());
    if (!untouched.isEmpty()) {
      warnings.add(file.path() + " changes nothing in the target modules " + Listing.of(untouched));
    }
    return warnings;
  }

  /** Adds to a matrix of the base model what the adapter has learnt. */
  Optional<Merge> mergeFor(String tensorName) {
    for (Map.Entry<String, Change> change : changes.entrySet()) {
      String module = change.getKey();
      if (tensorName.equals(module + ".weight")
          || tensorName.equals("model." + module + ".weight")) {
        return Optional.of(base -> merge(base, module, change.getValue()));
      }
    }
    return Optional.empty();
  }

  /** Changes a matrix of the base model in place. */
  interface Merge {
    /**
     * Adds.
     *
     * @param base the matrix, float32 on the CPU
     */
    void into(Tensor base);
  }

  private void merge(Tensor base, String module, Change change) {
    try (Device cpu = new Device(DeviceType.CPU);
        Tensor left = file.load(name(change.left), ScalarType.Float, cpu);
        Tensor right = file.load(name(change.right), ScalarType.Float, cpu)) {
      TensorMemory.addProduct(base, left, right, config.scale(module), change.embedding);
    }
  }

  private static String name(@Nullable String name) {
    return Objects.requireNonNull(name, "checked by problems()");
  }

  /** An adapter of a model that was loaded without its head names modules without "model.". */
  private static String tensorName(String module, Map<String, TensorSpec> matrices) {
    String name = module + ".weight";
    return matrices.containsKey(name) ? name : "model." + name;
  }

  @Override
  public void close() {
    file.close();
  }
}
