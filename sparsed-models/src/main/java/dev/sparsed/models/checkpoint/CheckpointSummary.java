package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What a checkpoint's folder holds, told also of one that would be refused. No weight is read.
 *
 * @param folder the folder
 * @param config the architecture, empty where {@code config.json} is refused
 * @param files number of safetensors files
 * @param tensors number of tensors
 * @param parameters number of elements in all tensors
 * @param contents what is stored in which type
 * @param weightType the type that a model of this checkpoint computes in unless told otherwise;
 *     empty where there is no embedding that tells it
 * @param refusals everything for which the checkpoint would be refused, empty if it can be used
 */
public record CheckpointSummary(
    Path folder,
    Optional<ModelConfig> config,
    int files,
    int tensors,
    long parameters,
    Map<TensorType, Content> contents,
    Optional<TensorType> weightType,
    List<String> refusals) {

  /**
   * The tensors of one type.
   *
   * @param tensors how many
   * @param parameters their elements
   * @param bytes their bytes
   */
  public record Content(int tensors, long parameters, long bytes) {
    private Content plus(Content other) {
      return new Content(
          tensors + other.tensors, parameters + other.parameters, bytes + other.bytes);
    }
  }

  /**
   * Looks at a folder.
   *
   * @param folder the checkpoint's folder
   * @return what it holds
   */
  public static CheckpointSummary of(Path folder) {
    List<String> refusals = new ArrayList<>();
    Optional<ObjectNode> json =
        attempt(
            refusals,
            () ->
                JsonFiles.read(folder.resolve(Checkpoint.CONFIG_FILE), Checkpoint.LONGEST_CONFIG));
    String source = folder.resolve(Checkpoint.CONFIG_FILE).toString();
    Optional<ModelConfig> config =
        json.flatMap(read -> attempt(refusals, () -> ModelConfig.parse(read, source)));
    config.ifPresent(
        known ->
            attempt(
                refusals,
                () -> Checkpoint.readGenerationConfig(folder, known, json.orElseThrow())));
    Optional<TensorFiles> opened = attempt(refusals, () -> TensorFiles.open(folder));
    if (opened.isEmpty()) {
      return new CheckpointSummary(
          folder, config, 0, 0, 0, Map.of(), Optional.empty(), List.copyOf(refusals));
    }
    try (TensorFiles files = opened.get()) {
      config.ifPresent(
          known ->
              refusals.addAll(
                  TensorCatalog.compare(ModelLayout.of(known).tensors(), files.entries())
                      .problems()));
      Map<TensorType, Content> contents = new TreeMap<>();
      for (TensorEntry entry : files.entries().values()) {
        contents.merge(
            entry.type(),
            new Content(1, entry.shape().elements(), entry.byteLength()),
            Content::plus);
      }
      return new CheckpointSummary(
          folder,
          config,
          files.files().size(),
          files.entries().size(),
          contents.values().stream().mapToLong(Content::parameters).sum(),
          Collections.unmodifiableMap(contents),
          config.flatMap(known -> Checkpoint.weightType(known, files.entries())),
          List.copyOf(refusals));
    }
  }

  /**
   * The bytes of all tensors.
   *
   * @return bytes
   */
  public long bytes() {
    return contents.values().stream().mapToLong(Content::bytes).sum();
  }

  private static <T> Optional<T> attempt(List<String> refusals, Supplier<T> action) {
    try {
      return Optional.of(action.get());
    } catch (CheckpointException e) {
      refusals.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }
}
