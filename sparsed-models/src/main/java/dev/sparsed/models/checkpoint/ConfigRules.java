package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/** Rules that hold for the configurations of every model class. */
final class ConfigRules {
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

  /**
   * Scaled rotary frequencies change every position; running without them would be silently wrong.
   */
  static void refuseRotaryScaling(ConfigFields fields) {
    fields.ifPresent(
        "rope_scaling",
        node -> {
          String type = node.path("rope_type").asText(node.path("type").asText("(no type)"));
          if (!type.equals("default")) {
            fields.refuse(
                "rope_scaling of type %s is not supported; only null is"
                    .formatted(Quoted.name(type)));
          }
        });
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
          "hidden size %d is no multiple of %d heads"
              .formatted(config.hiddenSize(), config.heads()));
    } else if (config.headSize() % 2 != 0) {
      fields.refuse(
          "head size %d is odd; rotary positions need an even one".formatted(config.headSize()));
    }
    if (config.heads() % config.keyValueHeads() != 0) {
      fields.refuse(
          "%d heads are no multiple of %d key/value heads"
              .formatted(config.heads(), config.keyValueHeads()));
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
