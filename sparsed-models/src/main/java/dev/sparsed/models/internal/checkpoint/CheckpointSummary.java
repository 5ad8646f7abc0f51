package dev.sparsed.models.internal.checkpoint;

import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What a checkpoint's folder holds, told also of one that would be refused. Of the weights only a
 * few bytes are read, unless they look as if a download had been interrupted.
 *
 * @param folder the folder
 * @param config the model, empty where {@code config.json} is refused
 * @param files number of safetensors files
 * @param tensors number of tensors
 * @param parameters number of elements in all tensors
 * @param contents what is stored in which type
 * @param weightType the type that a model of this checkpoint computes in unless told otherwise;
 *     empty where there is no embedding that tells it
 * @param generation the published code's defaults of generation, special tokens among them; empty
 *     where the files are refused
 * @param tokens what the tokenizer calls the special tokens, by id
 * @param refusals everything for which the checkpoint would be refused, empty if it can be used
 * @param warnings what is worth knowing of a checkpoint that can be used
 */
public record CheckpointSummary(
    Path folder,
    Optional<ModelConfig> config,
    int files,
    int tensors,
    long parameters,
    Map<TensorType, Content> contents,
    Optional<Precision> weightType,
    Optional<GenerationConfig> generation,
    Map<Integer, String> tokens,
    List<String> refusals,
    List<String> warnings) {

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
    Set<String> warnings = new LinkedHashSet<>();
    Path found = attempt(refusals, () -> Checkpoint.requireFolder(folder)).orElse(folder);
    Optional<FolderConfig> description = attempt(refusals, () -> FolderConfig.read(found));
    Optional<ConfigClasses.Reading> reading =
        description.flatMap(read -> attempt(refusals, read::model));
    Optional<ModelConfig> config = reading.map(ConfigClasses.Reading::config);
    reading.ifPresent(
        read -> {
          warnings.addAll(read.warnings());
          refusals.addAll(read.conflicts());
        });
    Optional<GenerationConfig> generation =
        config.flatMap(
            known ->
                attempt(refusals, () -> description.orElseThrow().generation(known, warnings)));
    description.ifPresent(read -> warnings.addAll(read.warnings()));
    Map<Integer, String> tokens =
        generation
            .map(known -> tokens(known, description.orElseThrow().tokenizer()))
            .orElse(Map.of());
    Map<TensorType, Content> contents = new TreeMap<>();
    Optional<Precision> weightType = Optional.empty();
    int files = 0;
    Optional<TensorFiles> opened = attempt(refusals, () -> TensorFiles.open(found));
    if (opened.isPresent()) {
      try (TensorFiles weights = opened.get()) {
        config.ifPresent(known -> check(found, known, weights, refusals, warnings));
        weights.entries().values().forEach(entry -> count(contents, entry));
        weightType = config.flatMap(known -> Checkpoint.weightType(known, weights.entries()));
        files = weights.files().size();
      }
    }
    return new CheckpointSummary(
        found,
        config,
        files,
        contents.values().stream().mapToInt(Content::tensors).sum(),
        contents.values().stream().mapToLong(Content::parameters).sum(),
        Collections.unmodifiableMap(contents),
        weightType,
        generation,
        tokens,
        List.copyOf(refusals),
        List.copyOf(warnings));
  }

  private static void check(
      Path folder,
      ModelConfig config,
      TensorFiles weights,
      List<String> refusals,
      Set<String> warnings) {
    attempt(refusals, () -> LoraAdapter.openIfPresent(folder))
        .ifPresent(
            adapter -> {
              try {
                attempt(refusals, () -> WeightCheck.of(folder, config, weights, adapter))
                    .ifPresent(
                        check -> {
                          refusals.addAll(check.problems());
                          warnings.addAll(check.warnings());
                        });
              } finally {
                adapter.ifPresent(LoraAdapter::close);
              }
            });
  }

  private static void count(Map<TensorType, Content> contents, TensorEntry entry) {
    contents.merge(
        entry.type(), new Content(1, parameters(entry), entry.byteLength()), Content::plus);
  }

  /** Weights that an entry stands for: two per byte in q4, none in scales. */
  private static long parameters(TensorEntry entry) {
    if (entry.name().endsWith(QuantizedTensor.SCALES)) {
      return 0;
    }
    return entry.shape().elements() * (entry.type() == TensorType.U8 ? 2 : 1);
  }

  private static Map<Integer, String> tokens(GenerationConfig generation, TokenizerFacts facts) {
    Map<Integer, String> tokens = new TreeMap<>();
    IntStream.concat(
            IntStream.of(generation.maskToken()),
            generation.endTokens().stream().mapToInt(Integer::intValue))
        .forEach(id -> facts.token(id).ifPresent(token -> tokens.put(id, Quoted.of(token))));
    return Collections.unmodifiableMap(tokens);
  }

  /**
   * Whether weights are stored in 8 or 4 bits.
   *
   * @return true where there are integers
   */
  public boolean isQuantized() {
    return contents.containsKey(TensorType.I8) || contents.containsKey(TensorType.U8);
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
