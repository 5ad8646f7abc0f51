package dev.sparsed.models.internal.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Streams;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.Precision;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.text.internal.Quoted;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a {@code config.json} with the family that it is of.
 *
 * <p>Classes are told apart by {@code architectures}, else by the class that {@code auto_map}
 * names; {@code model_type} is asked where neither is there, since classes that compute differently
 * share it.
 */
final class ConfigClasses {
  private static final ImmutableList<String> AUTO_CLASSES =
      ImmutableList.of("AutoModelForCausalLM", "AutoModel", "AutoModelForMaskedLM");

  private ConfigClasses() {}

  /** Reads a configuration that messages call {@code source}. */
  static ModelConfig parse(JsonNode json, String source) {
    return read(json, source, MaskToken.Sources.NONE).config();
  }

  /**
   * A configuration that was read.
   *
   * @param config the model
   * @param warnings what is worth saying of it
   * @param conflicts contradictions to other files, for which no model should be made of it
   */
  record Reading(
      ModelConfig config, ImmutableList<String> warnings, ImmutableList<String> conflicts) {}

  /** A family, and the name of the class that it is to read. */
  private record Reader(ModelFamily family, String modelClass) {}

  /**
   * Reads a configuration.
   *
   * @throws CheckpointException if the class is unknown or something cannot be used
   */
  static Reading read(JsonNode json, String source, MaskToken.Sources mask) {
    JsonFields all = new JsonFields(source, json);
    Reader reader = reader(json, all);
    JsonFields fields = all.of(reader.modelClass());
    Optional<Architecture> architecture = architecture(reader.family(), fields);
    architecture.ifPresent(known -> noteDecoding(reader.family(), fields, known));
    int rows = architecture.map(Architecture::embeddingRows).orElse(ConfigFields.LARGEST_WIDTH);
    ModelTokens tokens = tokens(reader.family(), fields, rows, mask);
    Precision weightType = weightType(fields);
    refuseQuantization(fields);
    fields.harmless("architectures", "model_type");
    CommonFields.RULES.apply(json, fields);
    fields.check();
    return new Reading(
        new ModelConfig(
            reader.family(), reader.modelClass(), architecture.orElseThrow(), tokens, weightType),
        fields.warnings(),
        fields.conflicts());
  }

  /** Empty after a refusal under which nothing can be made of the fields. */
  private static Optional<Architecture> architecture(ModelFamily family, JsonFields fields) {
    try {
      return Optional.of(family.architecture(fields));
    } catch (IllegalArgumentException e) {
      // After a refusal, values that stand in for wrong ones may not go together.
      if (!fields.hasProblems()) {
        fields.refuse(String.valueOf(e.getMessage()));
      }
      return Optional.empty();
    }
  }

  /** Notes which fields the decoding asks for; what is wrong with them it says itself. */
  private static void noteDecoding(
      ModelFamily family, JsonFields fields, Architecture architecture) {
    try {
      family.decoding(fields.quietly(), architecture);
    } catch (IllegalArgumentException e) {
      // Said again where the decoding is made.
      return;
    }
  }

  private static ModelTokens tokens(
      ModelFamily family, JsonFields fields, int rows, MaskToken.Sources mask) {
    return new ModelTokens(
        MaskToken.of(fields, family, rows, mask),
        padToken(family, fields, rows),
        fields.token("bos_token_id", rows),
        fields.token("eos_token_id", rows));
  }

  /** A published default holds where the field is absent and the model has that token. */
  private static OptionalInt padToken(ModelFamily family, JsonFields fields, int rows) {
    OptionalInt published = family.publishedPad();
    return fields.isNull("pad_token_id") && published.isPresent() && published.getAsInt() < rows
        ? published
        : fields.token("pad_token_id", rows);
  }

  /**
   * The type of the stored weights as the configuration announces it; older and newer files name
   * the field differently.
   */
  private static Precision weightType(JsonFields fields) {
    String name =
        fields.text("torch_dtype", fields.text("dtype", "float32")).replaceFirst("^torch\\.", "");
    return switch (name) {
      case "bfloat16" -> Precision.BFLOAT16;
      case "float16" -> Precision.FLOAT16;
      case "float32" -> Precision.FLOAT32;
      default -> {
        fields.refuse(
            String.format(
                Locale.ROOT,
                "torch_dtype is %s; only bfloat16, float16 and float32 are supported",
                Quoted.of(name)));
        yield Precision.FLOAT32;
      }
    };
  }

  private static void refuseQuantization(JsonFields fields) {
    fields.ifPresent(
        "quantization_config",
        node -> {
          JsonNode method = node.has("quant_method") ? node.path("quant_method") : node;
          fields.refuse(
              String.format(
                  Locale.ROOT,
                  "quantization_config asks for %s, but quantised weights are not supported; use the bfloat16 checkpoint",
                  JsonFields.shown(method)));
        });
  }

  private static Reader reader(JsonNode json, JsonFields fields) {
    Optional<String> named =
        Streams.stream(json.path("architectures"))
            .map(JsonNode::asText)
            .findFirst()
            .or(() -> autoClass(json));
    String type = json.path("model_type").asText("");
    if (named.isPresent()) {
      return ModelFamily.installed().stream()
          .filter(family -> family.modelClasses().contains(named.get()))
          .findFirst()
          .map(family -> new Reader(family, named.get()))
          .orElseThrow(() -> fields.refusal(unsupported(named, type)));
    }
    ModelFamily family =
        ModelFamily.installed().stream()
            .filter(known -> known.modelTypes().contains(type.toLowerCase(Locale.ROOT)))
            .findFirst()
            .orElseThrow(() -> fields.refusal(unsupported(named, type)));
    String modelClass = family.modelClasses().iterator().next();
    fields.warn(
        String.format(
            Locale.ROOT,
            "it names no architectures and is read as %s because of its model_type",
            modelClass));
    return new Reader(family, modelClass);
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
        Listing.of(
            ModelFamily.installed().stream()
                .flatMap(family -> family.modelClasses().stream())
                .toList()));
  }
}
