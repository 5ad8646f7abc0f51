package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.text.internal.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The configuration of a folder, out of the small files that must agree: {@code config.json},
 * {@code generation_config.json} and those of the tokenizer.
 */
final class FolderConfig {
  /** The token with which DreamOn asks for more room. */
  static final String EXPAND = "<|expand|>";

  private final Path folder;
  private final ObjectNode json;
  private final ObjectNode generationJson;
  private final TokenizerFacts tokenizer;

  private FolderConfig(
      Path folder, ObjectNode json, ObjectNode generationJson, TokenizerFacts tokenizer) {
    this.folder = folder;
    this.json = json;
    this.generationJson = generationJson;
    this.tokenizer = tokenizer;
  }

  /**
   * Reads the files.
   *
   * @throws CheckpointException if {@code config.json} is not there, or one of the two is no JSON
   */
  static FolderConfig read(Path folder) {
    Path file = folder.resolve(Checkpoint.CONFIG_FILE);
    if (!FileFailure.isPresent(file)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s holds no %s; %s",
              folder,
              Checkpoint.CONFIG_FILE,
              FolderContents.of(folder).advice()));
    }
    ObjectNode json = JsonFiles.read(file, Checkpoint.LONGEST_CONFIG);
    ObjectNode generation =
        JsonFiles.readIfPresent(
                folder.resolve(Checkpoint.GENERATION_CONFIG_FILE), Checkpoint.LONGEST_CONFIG)
            .orElseGet(JsonNodeFactory.instance::objectNode);
    Set<Integer> ids =
        ImmutableSet.<Integer>builder()
            .addAll(tokenIds(json))
            .addAll(tokenIds(generation))
            .addAll(publishedMasks())
            .build();
    return new FolderConfig(folder, json, generation, TokenizerFacts.read(folder, ids));
  }

  TokenizerFacts tokenizer() {
    return tokenizer;
  }

  /** The architecture. */
  ConfigClasses.Reading model() {
    JsonFields generation =
        new JsonFields(source(Checkpoint.GENERATION_CONFIG_FILE), generationJson);
    OptionalInt mask = generation.optionalInteger("mask_token_id", -1, Integer.MAX_VALUE);
    generation.check();
    Optional<Integer> generationMask =
        mask.isPresent() && mask.getAsInt() >= 0 ? Optional.of(mask.getAsInt()) : Optional.empty();
    return ConfigClasses.read(
        json, source(Checkpoint.CONFIG_FILE), new MaskToken.Sources(tokenizer, generationMask));
  }

  /** How the published code generates; adds to the warnings what is worth saying of it. */
  GenerationConfig generation(ModelConfig config, Set<String> warnings) {
    JsonFields fields = new JsonFields(source(Checkpoint.CONFIG_FILE), json);
    JsonFields fallback = new JsonFields(source(Checkpoint.GENERATION_CONFIG_FILE), generationJson);
    GenerationConfig generation =
        GenerationConfig.of(
            config, fields, fallback, tokenizer.added(config.family().endsOfTurn()));
    warnings.addAll(fields.warnings());
    warnings.addAll(fallback.warnings());
    return generation;
  }

  /** What is worth saying of the tokenizer's part. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    tokenizer
        .problem()
        .ifPresent(
            problem ->
                warnings.add("the mask token was not compared with the tokenizer: " + problem));
    boolean named = json.path("expand_token_id").isInt();
    if (named || tokenizer.has(EXPAND)) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s: the token %s asks for more room in models such as DreamOn; here texts keep their length, so that it is committed like a word and left out of the answer, which may lack what should have stood there",
              folder,
              Quoted.of(EXPAND)));
    }
    return warnings;
  }

  private String source(String file) {
    return folder.resolve(file).toString();
  }

  /** Masks that a family's models have where no file names one. */
  private static List<Integer> publishedMasks() {
    return ModelFamily.installed().stream()
        .flatMap(family -> family.publishedMask().stream().boxed())
        .toList();
  }

  /** The ids in fields such as {@code eos_token_id}. */
  private static List<Integer> tokenIds(ObjectNode json) {
    List<Integer> ids = new ArrayList<>();
    json.properties().stream()
        .filter(field -> field.getKey().endsWith("token_id"))
        .map(field -> field.getValue())
        .map(value -> value instanceof ArrayNode list ? Iterables.limit(list, 64) : List.of(value))
        .forEach(
            values ->
                values.forEach(
                    value -> {
                      if (value.isInt()) {
                        ids.add(value.intValue());
                      }
                    }));
    return ids;
  }
}
