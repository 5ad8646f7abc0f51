package dev.sparsed.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Locale;
import java.util.OptionalInt;

/** Rules that hold for the configurations of every model class. */
final class ConfigRules {

  /** The activation's names, the usual one first. */
  static final ImmutableSet<String> SILU = ImmutableSet.of("silu", "swish");

  private ConfigRules() {}

  /** A special token that need not exist. */
  static OptionalInt token(ConfigFields fields, String field, int rows) {
    ImmutableList<Integer> all = fields.tokens(field, rows);
    return all.isEmpty() ? OptionalInt.empty() : OptionalInt.of(all.get(0));
  }

  /** The tokens that end a text: one id or a list of them. */
  static ImmutableList<Integer> endTokens(ConfigFields fields, int rows) {
    return fields.tokens("eos_token_id", rows);
  }

  /** The first of the tokens that end a text. */
  static OptionalInt endToken(ConfigFields fields, int rows) {
    return token(fields, "eos_token_id", rows);
  }

  static void refuseQuantization(ConfigFields fields) {
    fields.ifPresent(
        "quantization_config",
        node -> {
          JsonNode method = node.has("quant_method") ? node.path("quant_method") : node;
          fields.refuse(
              String.format(
                  Locale.ROOT,
                  "quantization_config asks for %s, but quantised weights are not supported; use the bfloat16 checkpoint",
                  ConfigFields.shown(method)));
        });
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
    if (config.hiddenSize() % config.heads() == 0) {
      int headSize = config.headSize();
      int stated = fields.integer("head_dim", headSize, 1, ModelConfig.LARGEST_WIDTH);
      if (stated != headSize) {
        fields.refuse(
            String.format(
                Locale.ROOT,
                "head_dim is %d, but only hidden size %d divided by %d heads is supported",
                stated,
                config.hiddenSize(),
                config.heads()));
      }
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
