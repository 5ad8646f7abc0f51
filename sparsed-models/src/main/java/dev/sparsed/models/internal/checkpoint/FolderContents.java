package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a folder holds that is no checkpoint, so that a message can say what to do with it. */
final class FolderContents {
  static final String ADAPTER_CONFIG = "adapter_config.json";
  static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";
  static final String ADAPTER_PICKLE = "adapter_model.bin";

  private static final List<String> PICKLES = List.of(".bin", ".pt", ".pth", ".ckpt");
  private static final List<String> OTHER_FORMATS =
      List.of(".gguf", ".ggml", ".h5", ".msgpack", ".onnx", ".npz");

  /** Beginnings of what trainers leave beside a model. */
  private static final List<String> TRAINING =
      List.of("training_args", "optimizer", "scheduler", "rng_state", "adapter_");

  private static final int MOST_FILES = 10_000;

  private final Path folder;
  private final List<String> names;
  private final Optional<String> failure;

  private FolderContents(Path folder, List<String> names, Optional<String> failure) {
    this.folder = folder;
    this.names = names;
    this.failure = failure;
  }

  /** Lists a folder. */
  static FolderContents of(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return new FolderContents(
          folder,
          files.limit(MOST_FILES).map(file -> String.valueOf(file.getFileName())).sorted().toList(),
          Optional.empty());
    } catch (IOException e) {
      return new FolderContents(folder, List.of(), Optional.of(FileFailure.reason(folder, e)));
    }
  }

  /** What is there instead of a checkpoint, and what to do. */
  String advice() {
    if (failure.isPresent()) {
      return "the folder cannot be listed: " + failure.get();
    }
    if (names.contains(ADAPTER_CONFIG) || names.contains(ADAPTER_WEIGHTS)) {
      return String.format(
          Locale.ROOT,
          "it is the folder of an adapter%s; copy the adapter's files into the base model's folder, or merge the two",
          baseModel());
    }
    List<String> formats = ending(OTHER_FORMATS);
    if (!formats.isEmpty()) {
      return String.format(
          Locale.ROOT,
          "it holds %s, a format that is not read; take the model's safetensors files",
          Listing.of(formats));
    }
    List<String> safetensors = ending(List.of(".safetensors"));
    if (!safetensors.isEmpty()) {
      return String.format(
          Locale.ROOT,
          "it holds %s; if files are missing run the download again",
          Listing.of(safetensors));
    }
    List<String> pickles = ending(PICKLES);
    if (!pickles.isEmpty()) {
      return String.format(
          Locale.ROOT,
          "it holds PyTorch's %s, which are not read because they can run code; convert the model with save_pretrained(..., safe_serialization=True)",
          Listing.of(pickles));
    }
    List<String> checkpoints =
        shown(name -> Files.exists(folder.resolve(name).resolve(Checkpoint.CONFIG_FILE)));
    if (!checkpoints.isEmpty()) {
      return "checkpoints are in its folders " + Listing.of(checkpoints) + "; name one of them";
    }
    if (names.isEmpty()) {
      return "the folder is empty";
    }
    return "it is no Hugging Face checkpoint or its download was interrupted; it holds "
        + Listing.of(shown(name -> true));
  }

  private String baseModel() {
    try {
      return JsonFiles.readIfPresent(folder.resolve(ADAPTER_CONFIG), Checkpoint.LONGEST_CONFIG)
          .map(FolderContents::baseModel)
          .orElse(" without the model that it adapts");
    } catch (CheckpointException e) {
      return " without the model that it adapts";
    }
  }

  private static String baseModel(ObjectNode adapter) {
    String base = adapter.path("base_model_name_or_path").asText("");
    return base.isEmpty()
        ? " without the model that it adapts"
        : " of the model " + Quoted.of(base) + ", which is not in it";
  }

  private List<String> ending(List<String> endings) {
    return shown(
        name ->
            endings.stream().anyMatch(name::endsWith)
                && TRAINING.stream().noneMatch(name::startsWith));
  }

  private List<String> shown(Predicate<String> wanted) {
    return names.stream().filter(wanted).map(Quoted::of).toList();
  }
}
