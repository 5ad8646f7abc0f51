package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Streams;
import dev.sparsed.text.Quoted;
import java.util.Locale;
import java.util.Optional;

/**
 * The model classes that are read here, and which of them a {@code config.json} is of.
 *
 * <p>Classes are told apart by {@code architectures}, else by the class that {@code auto_map}
 * names; {@code model_type} is asked where neither is there, since classes that compute differently
 * share it.
 */
final class ConfigClasses {
  private static final ImmutableList<ConfigClass> ALL =
      ImmutableList.of(DreamConfig.CLASS, LladaConfig.CLASS);

  private static final ImmutableList<String> AUTO_CLASSES =
      ImmutableList.of("AutoModelForCausalLM", "AutoModel", "AutoModelForMaskedLM");

  private ConfigClasses() {}

  /**
   * A configuration that was read.
   *
   * @param config the architecture
   * @param warnings what is worth saying of it
   * @param conflicts contradictions to other files, for which no model should be made of it
   */
  record Reading(
      ModelConfig config, ImmutableList<String> warnings, ImmutableList<String> conflicts) {}

  /**
   * Reads a configuration.
   *
   * @throws CheckpointException if the class is unknown or something cannot be used
   */
  static Reading read(JsonNode json, String source, MaskToken.Sources mask) {
    ConfigFields fields = new ConfigFields(source, json);
    ConfigClass known = of(json, fields);
    known.rules().apply(json, fields);
    ModelConfig config = known.reader().read(fields, mask);
    ConfigRules.checkHeads(fields, config);
    fields.check();
    return new Reading(config, fields.warnings(), fields.conflicts());
  }

  private static ConfigClass of(JsonNode json, ConfigFields fields) {
    Optional<String> named =
        Streams.stream(json.path("architectures"))
            .map(JsonNode::asText)
            .findFirst()
            .or(() -> autoClass(json));
    String type = json.path("model_type").asText("");
    Optional<ConfigClass> found =
        ALL.stream()
            .filter(
                known ->
                    named.isPresent()
                        ? named.get().equals(known.architecture())
                        : type.toLowerCase(Locale.ROOT).equals(known.modelType()))
            .findFirst();
    if (found.isPresent() && named.isEmpty()) {
      fields.warn(
          String.format(
              Locale.ROOT,
              "it names no architectures and is read as %s because of its model_type",
              found.get().architecture()));
    }
    return found.orElseThrow(() -> fields.refusal(unsupported(named, type)));
  }

  /** A class is named with the module that holds it, and possibly with a repository. */
  private static Optional<String> autoClass(JsonNode json) {
    return AUTO_CLASSES.stream()
        .map(name -> json.path("auto_map").path(name).asText(""))
        .filter(name -> !name.isEmpty())
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .findFirst();
  }

  private static String unsupported(Optional<String> named, String type) {
    return String.format(
        Locale.ROOT,
        "it describes the model class %s (model_type %s), which is not supported%s; supported are %s",
        named.map(Quoted::of).orElse("(none)"),
        Quoted.of(type),
        named.map(OtherClasses::difference).orElse(""),
        String.join(" and ", ALL.stream().map(ConfigClass::architecture).toList()));
  }
}
