package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Rules that hold for the configurations of every model class. */
final class ConfigRules {

  /** Where the rotation's settings may lie, in files of newer and of older libraries. */
  private static final ImmutableList<String> ROTARY_OBJECTS =
      ImmutableList.of("rope_parameters", "rope_scaling");

  private static final ImmutableList<String> ROTARY_TYPES = ImmutableList.of("rope_type", "type");

  private static final ImmutableSet<String> ROTARY_FIELDS =
      ImmutableSet.of("rope_type", "type", "rope_theta", "partial_rotary_factor");

  private ConfigRules() {}

  /** The mask token, or the published one where the file names none and the vocabulary has it. */
  static int maskToken(ConfigFields fields, int published, int rows) {
    OptionalInt stated = fields.optionalInteger("mask_token_id", 0, rows - 1);
    if (stated.isEmpty() && published >= rows) {
      fields.refuse("mask_token_id is missing");
      return 0;
    }
    return stated.orElse(published);
  }

  /** A special token that need not exist. */
  static OptionalInt token(ConfigFields fields, String field, int rows) {
    return fields.optionalInteger(field, 0, rows - 1);
  }

  /** A special token with a published default, which holds where the vocabulary has it. */
  static OptionalInt token(ConfigFields fields, String field, int published, int rows) {
    OptionalInt stated = token(fields, field, rows);
    return stated.isPresent() || published >= rows ? stated : OptionalInt.of(published);
  }

  /** The tokens that end a text: one id or a list of them. */
  static ImmutableList<Integer> endTokens(ConfigFields fields, int rows) {
    return fields.integers("eos_token_id", 0, rows - 1);
  }

  /** The first of the tokens that end a text. */
  static OptionalInt endToken(ConfigFields fields, int rows) {
    ImmutableList<Integer> all = endTokens(fields, rows);
    return all.isEmpty() ? OptionalInt.empty() : OptionalInt.of(all.get(0));
  }

  /**
   * The base of the rotary frequencies, which newer files have in {@code rope_parameters}.
   *
   * <p>Scaled frequencies change every position; running without the scaling would be silently
   * wrong, so that everything but the plain rotation is refused.
   */
  static double rotaryBase(ConfigFields fields) {
    OptionalDouble stated = fields.optionalNumber("rope_theta", 1);
    for (String name : ROTARY_OBJECTS) {
      Optional<ConfigFields> parameters = fields.object(name);
      if (parameters.isEmpty()) {
        continue;
      }
      OptionalDouble inner = rotaryBase(fields, name, parameters.get());
      if (stated.isPresent() && inner.isPresent() && !stated.equals(inner)) {
        fields.refuse(
            String.format(
                Locale.ROOT,
                "rope_theta is given twice, as %s and in %s as %s",
                stated.getAsDouble(),
                name,
                inner.getAsDouble()));
      }
      stated = stated.isPresent() ? stated : inner;
    }
    return stated.orElse(10_000);
  }

  private static OptionalDouble rotaryBase(
      ConfigFields fields, String name, ConfigFields parameters) {
    for (String field : ROTARY_TYPES) {
      String type = parameters.text(field, "default");
      if (!type.equals("default")) {
        fields.refuse(
            String.format(
                Locale.ROOT,
                "%s of type %s is not supported; only \"default\" is",
                name,
                Quoted.name(type)));
        return OptionalDouble.empty();
      }
    }
    if (parameters.number("partial_rotary_factor", 1, 0) != 1) {
      fields.refuse(name + ".partial_rotary_factor is not 1; only whole heads are rotated");
    }
    for (String other : parameters.names()) {
      if (!ROTARY_FIELDS.contains(other)) {
        fields.refuse(
            String.format(
                Locale.ROOT, "%s has the field %s, which is not known", name, Quoted.name(other)));
      }
    }
    return parameters.optionalNumber("rope_theta", 1);
  }

  static void refuseQuantization(ConfigFields fields) {
    fields.ifPresent(
        "quantization_config",
        node ->
            fields.refuse(
                "quantization_config is set, but quantised weights are not supported; use the bfloat16 checkpoint"));
  }

  static void checkHeads(ConfigFields fields, ModelConfig config) {
    if (fields.hasProblems()) {
      return;
    }
    if (config.hiddenSize() % config.heads() != 0) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "hidden size %d is no multiple of %d heads",
              config.hiddenSize(),
              config.heads()));
    } else if (config.headSize() % 2 != 0) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "head size %d is odd; rotary positions need an even one",
              config.headSize()));
    }
    if (config.heads() % config.keyValueHeads() != 0) {
      fields.refuse(
          String.format(
              Locale.ROOT,
              "%d heads are no multiple of %d key/value heads",
              config.heads(),
              config.keyValueHeads()));
    }
  }

  static void putToken(ObjectNode json, String field, OptionalInt token) {
    if (token.isPresent()) {
      json.put(field, token.getAsInt());
    } else {
      json.putNull(field);
    }
  }

  static String torchName(TensorType type) {
    return switch (type) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      case F32 -> "float32";
      default -> throw new IllegalArgumentException("weights cannot be stored as " + type);
    };
  }
}
